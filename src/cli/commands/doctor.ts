import { CAPTURE_SLOTS, LATE_WITHOUT_SLOT } from '../../cognito/capture-slots';
import { DescribedUserPool } from '../../cognito/pool-settings';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { Deployment, SilentStack } from '../../operations/deployment';
import { EpochMilliseconds } from '../../runtime/flavor';
import { lengthInWords } from '../moments';
import { Terminal } from '../terminal';

/** `wrong` is what an outage would show; `warning` is worth knowing; `unknown` could not be read; `off` does not apply here. */
export type CheckState = 'ok' | 'warning' | 'wrong' | 'unknown' | 'off';

/** One thing that was looked at. */
export interface Check {
  readonly check: CheckName;
  readonly state: CheckState;
  readonly why: string;
  /** What to type, or to write into the app, about it. */
  readonly command?: string;
}

/** Each of them is one row; names are only ever added. */
export const CHECKS = [
  'trail', 'triggers', 'point-in-time-recovery', 'tables-protected', 'source-pool-protected', 'standby-pool-protected', 'alarm-actions',
  'alarm-subscribers', 'quotas', 'mail-sandbox', 'sms-sandbox', 'schema', 'definition', 'sessions', 'replication',
] as const;
export type CheckName = typeof CHECKS[number];

/** The document of `doctor --json`. */
export interface Examination {
  readonly schemaVersion: 1;
  readonly checks: readonly Check[];
}

export interface ExaminedPool extends DescribedUserPool {
  readonly DeletionProtection?: string;
  readonly LambdaConfig?: DescribedUserPool['LambdaConfig'] & Readonly<Record<string, unknown>>;
  readonly EmailConfiguration?: { readonly EmailSendingAccount?: string };
  readonly SmsConfiguration?: object;
}

export interface ExaminedTable {
  readonly name: string;
  readonly region: string;
  readonly hasPointInTimeRecovery: boolean;
  readonly isProtected: boolean;
}

export interface ExaminedAlarm {
  readonly name: string;
  readonly region: string;
  readonly actions: readonly string[];
  /** False where its actions are switched off. */
  readonly isEnabled: boolean;
  /** False where the stack has it and CloudWatch has not: somebody deleted it. */
  readonly isThere: boolean;
}

export interface ExaminedClient {
  readonly ClientId?: string;
  readonly ClientSecret?: string;
  readonly ClientName?: string;
  readonly AccessTokenValidity?: number;
  readonly IdTokenValidity?: number;
  readonly RefreshTokenValidity?: number;
  readonly TokenValidityUnits?: object;
  readonly RefreshTokenRotation?: object;
  readonly EnableTokenRevocation?: boolean;
}

/** What each check looks at; absent where it could not be read, and `unread` says why. */
export interface DoctorFacts {
  readonly now: EpochMilliseconds;
  readonly deployment: Deployment;
  readonly eventSeenAt?: EpochMilliseconds;
  readonly source?: ExaminedPool;
  readonly standby?: ExaminedPool;
  /** ARNs of this library's functions in the source pool's stack. */
  readonly functionArns?: readonly string[];
  readonly tables?: readonly ExaminedTable[];
  /** Of the stacks that answered. */
  readonly alarms?: readonly ExaminedAlarm[];
  /** Confirmed subscriptions of each topic that an alarm goes to. */
  readonly subscriptions?: ReadonlyMap<string, number>;
  readonly quotas?: readonly { readonly region: string; readonly category: string; readonly typed: number; readonly provisioned: number }[];
  readonly isMailSandbox?: boolean;
  readonly isSmsSandbox?: boolean;
  /** Fingerprint of the source pool as the copy has it. */
  readonly definitionDigest?: string;
  readonly sourceClients?: readonly ExaminedClient[];
  readonly standbyClients?: readonly ExaminedClient[];
  /** Regions to which Cognito itself replicates the source pool. */
  readonly replicas?: readonly string[];
  readonly silent: readonly SilentStack[];
  readonly unread: ReadonlyMap<CheckName, string>;
}

/** CloudTrail delivers within minutes, and a pool in use has an event a day; after three days something is off. */
const SILENCE = 3 * 86_400_000;
/** What decides how long somebody stays signed in. */
const SESSION_SETTINGS = [
  'AccessTokenValidity', 'IdTokenValidity', 'RefreshTokenValidity', 'TokenValidityUnits', 'RefreshTokenRotation', 'EnableTokenRevocation',
] as const;

/** Checks of what the stack of one Region alone says: its pool, its functions, its alarms. */
const SAID_BY_STACK_IN: Readonly<Record<'primaryRegion' | 'replicaRegion', readonly CheckName[]>> = {
  primaryRegion: ['triggers', 'alarm-actions', 'alarm-subscribers'],
  replicaRegion: ['standby-pool-protected', 'alarm-actions', 'alarm-subscribers', 'mail-sandbox', 'sms-sandbox', 'schema', 'sessions'],
};

type Answer = Omit<Check, 'check'>;
const ok = (why: string): Answer => ({ state: 'ok', why });

const EXAMINE: Readonly<Record<CheckName, (facts: DoctorFacts) => Answer | undefined>> = {
  'trail': ({ eventSeenAt, now }) => {
    const command = 'in the app: createTrail: true, or turn on a trail with management events in the source pool\'s Region; then cdk deploy';
    if (eventSeenAt === undefined) {
      return { state: 'wrong', why: 'no event of CloudTrail has ever reached the copy: changes wait for the sweep', command };
    }
    const silent = now - eventSeenAt;
    return silent > SILENCE ? { state: 'warning', why: `the last event of CloudTrail came ${lengthInWords(silent)} ago`, command }
      : ok(`an event of CloudTrail came ${lengthInWords(silent)} ago`);
  },
  'triggers': ({ source, functionArns }) => {
    if (!source || !functionArns) return undefined;
    const missing = CAPTURE_SLOTS.filter(slot => !functionArns.includes(String(source.LambdaConfig?.[slot])));
    if (missing.length === 0) return ok('triggers of the source pool tell of changes at once');
    const late = missing.map(slot => LATE_WITHOUT_SLOT[slot]).join(' and ');
    return {
      state: 'warning',
      why: `${missing.join(' and ')} of the source pool ${missing.length === 1 ? 'calls' : 'call'} no function of this library: ${late} may be `
        + 'copied by the next sweep only, unless a function of yours sends hints',
      command: 'in the app: captureTriggers, or grantCaptureHints for a function of yours; then cdk deploy',
    };
  },
  'point-in-time-recovery': ({ tables }) => tables && each(tables.filter(({ hasPointInTimeRecovery }) => !hasPointInTimeRecovery),
    ok('on, for every table in both Regions'), missing => ({
      state: 'wrong',
      why: `off for ${missing.map(placed).join(', ')}`,
      command: `aws dynamodb update-continuous-backups --region ${missing[0].region} --table-name ${missing[0].name} `
        + '--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true',
    })),
  'tables-protected': ({ tables }) => tables && each(tables.filter(({ isProtected }) => !isProtected),
    ok('no table can be deleted by mistake'), bare => ({
      state: 'warning',
      why: `${bare.map(placed).join(', ')} can be deleted`,
      command: `aws dynamodb update-table --region ${bare[0].region} --table-name ${bare[0].name} --deletion-protection-enabled`,
    })),
  'source-pool-protected': ({ source }) => source && protection(source, 'source'),
  'standby-pool-protected': ({ standby, deployment }) => deployment.standbyUserPoolId === undefined
    ? { state: 'off', why: 'there is no standby pool' } : standby && protection(standby, 'standby'),
  'alarm-actions': ({ alarms, silent }) => {
    // Those that a silent stack has may be all that there are.
    if (!alarms || (alarms.length === 0 && silent.length > 0)) return undefined;
    const [gone, there] = [alarms.filter(({ isThere }) => !isThere), alarms.filter(({ isThere }) => isThere)];
    const off = there.filter(({ isEnabled }) => !isEnabled);
    const mute = there.filter(({ isEnabled, actions }) => isEnabled && actions.length === 0);
    const faults = [[gone, 'were deleted'], [off, 'have their actions switched off'], [mute, 'tell nobody']] as const;
    const why = alarms.length === 0 ? 'the stacks have no alarm: nobody is told when the copy is not made any more'
      : faults.filter(([found]) => found.length > 0)
        .map(([found, fault]) => `${found.length} of ${alarms.length} alarms ${fault}, such as ${found[0].name}`).join('; ');
    if (why === '') return ok('every alarm goes somewhere');
    const command = mute.length > 0 ? 'in the app: alarmTopics: [topic in each Region]; then cdk deploy'
      : off.length > 0 ? `aws cloudwatch enable-alarm-actions --region ${off[0].region} --alarm-names ${off[0].name}`
        : gone.length > 0 ? `aws cloudformation detect-stack-drift --region ${gone[0].region} --stack-name <yours>` : undefined;
    return { state: 'wrong', why, command };
  },
  'alarm-subscribers': ({ subscriptions }) => {
    if (!subscriptions) return undefined;
    if (subscriptions.size === 0) return { state: 'off', why: 'no alarm goes to a topic' };
    const [unheard] = [...subscriptions].filter(([, count]) => count === 0).map(([arn]) => arn);
    return unheard === undefined ? ok('every topic of an alarm has somebody who listens') : {
      state: 'wrong',
      why: `nobody has confirmed a subscription of ${unheard}`,
      command: `aws sns subscribe --region ${unheard.split(':')[3]} --topic-arn ${unheard} --protocol email --notification-endpoint you@example.com`,
    };
  },
  'quotas': ({ quotas }) => quotas && each(quotas.filter(({ typed, provisioned }) => typed !== provisioned),
    ok('Cognito provides what restores and sweeps count on'), wrong => {
      const isTooMuch = wrong.some(({ typed, provisioned }) => typed > provisioned);
      const why = wrong.map(({ region, category, typed, provisioned }) => `${category} in ${region}: ${typed}, ${provisioned} provided`).join('; ');
      return { state: isTooMuch ? 'wrong' : 'warning', why, command: 'in the app: sweepQuotas, restoreQuotas; then cdk deploy' };
    }),
  'mail-sandbox': ({ standby, isMailSandbox, deployment }) => {
    if (!standby || standby.EmailConfiguration?.EmailSendingAccount !== 'DEVELOPER') {
      return deployment.standbyUserPoolId !== undefined && !standby ? undefined : { state: 'off', why: 'the standby does not send by Amazon SES' };
    }
    if (isMailSandbox === undefined) return undefined;
    return isMailSandbox ? {
      state: 'wrong',
      why: `Amazon SES in ${deployment.replicaRegion} is in its sandbox: no code would reach a user`,
      command: `aws sesv2 put-account-details --region ${deployment.replicaRegion} --production-access-enabled --mail-type TRANSACTIONAL `
        + '--website-url <yours>',
    } : ok('Amazon SES is out of its sandbox');
  },
  'sms-sandbox': ({ standby, isSmsSandbox, deployment }) => {
    if (!standby?.SmsConfiguration) {
      return deployment.standbyUserPoolId !== undefined && !standby ? undefined : { state: 'off', why: 'the standby sends no SMS' };
    }
    if (isSmsSandbox === undefined) return undefined;
    return isSmsSandbox ? {
      state: 'wrong',
      why: `Amazon SNS in ${deployment.replicaRegion} is in its SMS sandbox: no code would reach a user`,
      command: `https://console.aws.amazon.com/sns/v3/home?region=${deployment.replicaRegion}#/mobile/text-messaging`,
    } : ok('Amazon SNS is out of its SMS sandbox');
  },
  'schema': ({ source, standby, deployment }) => {
    if (deployment.standbyUserPoolId === undefined) return { state: 'off', why: 'there is no standby pool' };
    if (!source || !standby) return undefined;
    const names = (pool: ExaminedPool) => (pool.SchemaAttributes ?? []).map(({ Name = '' }) => Name);
    const missing = names(source).filter(name => !names(standby).includes(name) && name !== CUSTOM_SOURCE_SUB);
    return missing.length === 0 ? ok('the standby has every attribute of the source pool')
      : { state: 'wrong', why: `the standby lacks ${missing.join(', ')}: these values are not restored`, command: 'cdk deploy <replica stack>' };
  },
  'definition': ({ deployment, definitionDigest }) => {
    if (deployment.definitionDigest === undefined) return { state: 'off', why: 'the standby is not made from a file' };
    if (definitionDigest === undefined) return undefined;
    if (definitionDigest === deployment.definitionDigest) return ok('the file that the standby is made from describes the source pool as it is');
    return {
      state: 'wrong',
      why: 'the source pool has changed since it was described for the standby',
      command: `npx cognito-dr-replica pool-definition ${deployment.sourceUserPoolId ?? '<user pool id>'} --out <the file>; then cdk deploy`,
    };
  },
  'sessions': ({ sourceClients, standbyClients, deployment }) => {
    if (deployment.standbyUserPoolId === undefined) return { state: 'off', why: 'there is no standby pool' };
    if (!sourceClients || !standbyClients) return undefined;
    const different = sourceClients.filter(client => {
      const twin = standbyClients.find(({ ClientName }) => ClientName === client.ClientName);
      return twin && SESSION_SETTINGS.some(name => JSON.stringify(twin[name]) !== JSON.stringify(client[name]));
    }).map(({ ClientName = '' }) => ClientName);
    return different.length === 0 ? ok('tokens live as long on the standby; sessions themselves are never copied, and users sign in again')
      : { state: 'warning', why: `tokens of ${different.join(', ')} live another time on the standby`, command: 'cdk deploy <replica stack>' };
  },
  'replication': ({ replicas }) => replicas && (replicas.length === 0 ? ok('Cognito itself replicates the source pool nowhere') : {
    state: 'warning',
    why: `Cognito itself replicates the source pool to ${replicas.join(', ')}: in an outage, that is the faster way; the copy goes back in time`,
  }),
};

/** Every check, in their order. */
export function examine(facts: DoctorFacts): Examination {
  return {
    schemaVersion: 1,
    checks: CHECKS.map(check => ({ check, ...answerOf(check, facts) })),
  };
}

/**
 * What was found wrong is wrong whatever else did not answer. That all is well, or that a check does not apply, can only be said where nothing of it
 * is out of sight.
 */
function answerOf(check: CheckName, facts: DoctorFacts): Answer {
  const unknown = (why: string): Answer => ({ state: 'unknown', why });
  const unread = facts.unread.get(check);
  if (unread !== undefined) return unknown(`could not be read: ${unread}`);
  const found = EXAMINE[check](facts);
  if (found?.state === 'wrong' || found?.state === 'warning') return found;
  const silent = facts.silent.find(({ region }) => (['primaryRegion', 'replicaRegion'] as const)
    .some(where => region === facts.deployment[where] && SAID_BY_STACK_IN[where].includes(check)));
  return silent ? unknown(`not known: ${silent.sentence}`) : found ?? unknown('could not be read');
}

/** Whether an outage would show something that can be mended today, or may: what nobody saw is not well. */
export function isIll({ checks }: Examination): boolean {
  return checks.some(({ state }) => state === 'wrong' || state === 'unknown');
}

export function showExamination(terminal: Terminal, { checks }: Examination): void {
  const shown: Record<CheckState, string> = {
    ok: terminal.good('ok'), warning: terminal.doubtful('warning'), wrong: terminal.bad('WRONG'), unknown: terminal.doubtful('unknown'), off: 'off',
  };
  for (const { check, state, why, command } of checks) {
    terminal.line(`${shown[state]}  ${terminal.strong(check)}: ${why}`);
    if (command !== undefined) terminal.line(`    ${command}`);
  }
}

function protection(pool: ExaminedPool, which: 'source' | 'standby'): Answer {
  return pool.DeletionProtection === 'ACTIVE' ? ok(`the ${which} pool cannot be deleted by mistake`)
    // UpdateUserPool resets whatever it is not told, so that no command of the AWS CLI is shown.
    : { state: 'wrong', why: `anybody with the permission can delete the ${which} pool`, command: 'in the app: deletionProtection of UserPool' };
}

function each<T>(found: readonly T[], none: Answer, some: (found: readonly T[]) => Answer): Answer {
  return found.length === 0 ? none : some(found);
}

function placed({ name, region }: ExaminedTable): string {
  return `${name} in ${region}`;
}
