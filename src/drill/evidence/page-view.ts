import { CONTROLS } from './controls';
import { DrillReport } from './drill-report';
import { missingPartsOf, recoverySecondsOf, TargetStatus } from './drill-verdict';
import { EVIDENCE_WORDS as WORDS, wordsOfReason } from './evidence-sentences';

/** What the template shows. All words and numbers are made here; the template has markup alone. */
export interface PageView {
  readonly title: string;
  readonly result: string;
  readonly tone: Tone;
  readonly meaning: string;
  readonly sections: readonly PageSection[];
}

type Tone = 'good' | 'bad' | 'neutral';

interface PageSection {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly table?: PageTable;
}

interface PageTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Required<PageCell & { readonly column: string }>[] }[];
}

interface PageCell {
  readonly text: string;
  /** `code` for fingerprints and names of things of AWS. */
  readonly element?: 'span' | 'code';
  readonly tone?: Tone | 'plain';
  /** For people to fill in. */
  readonly isBlank?: boolean;
}

type Row = readonly [name: string, ...cells: (PageCell | string)[]];

/** Mustache looks for a member that a cell lacks in what is around it, such as the tone of the whole page: so a cell lacks none. */
const PLAIN = { element: 'span', tone: 'plain', isBlank: false } as const;

export function pageView(report: DrillReport, sha256: string): PageView {
  const { verdict, source } = report;
  return {
    title: `Restore drill of user pool ${source.userPoolId}`,
    result: verdict.validationStatus,
    tone: verdict.validationStatus === 'SUCCESSFUL' ? 'good' : verdict.validationStatus === 'FAILED' ? 'bad' : 'neutral',
    meaning: WORDS.validation[verdict.validationStatus],
    sections: [
      about(report), glance(report), failures(report), rehearsed(report), steps(report), times(report), inAndOut(report), comparison(report),
      signIn(report), isolation(report), losses(report), deviations(report), removal(report), controls(report), authenticity(report, sha256),
    ].filter(section => section !== undefined),
  };
}

function about({ source }: DrillReport): PageSection {
  return {
    heading: 'What this page is',
    paragraphs: [
      `The people who sign in to an application are kept in a user pool of Amazon Cognito, here in the AWS Region ${source.region}. A copy of them `
        + 'is kept in another Region. A copy is worth something if it can be restored, and a drill tries that out: it makes an empty scratch user '
        + 'pool, restores the copy into it, compares the two user by user, signs in as some of them, deletes the scratch pool again, and writes this '
        + 'report.',
      'It names no person and shows no value of anybody. All times are UTC.',
    ],
  };
}

function glance(report: DrillReport): PageSection {
  const { verdict, counts, comparison: compared, measured, targets } = report;
  const differences = compared && countAll(compared.differences);
  const unexplained = compared && countAll(compared.differences.filter(({ reason }) => reason === undefined));
  const restored = counts?.out.filter(({ outcome }) => outcome === 'restored').reduce((sum, { users }) => sum + users, 0);
  return {
    heading: 'At a glance',
    paragraphs: [],
    table: tableOf('The result in numbers', ['What', 'Seen', 'Target', 'Judgement'], [
      ['Time to restore everybody', measured ? duration(recoverySecondsOf(measured)) + (measured.extrapolated ? ' (extrapolated)' : '') : '–',
        targets.rto === undefined ? '–' : `at most ${duration(targets.rto)}`, judged(verdict.rto)],
      ['Age of the copy', measured ? duration(measured.copyAgeSeconds) : '–', targets.rpo === undefined ? '–' : `at most ${duration(targets.rpo)}`,
        judged(verdict.rpo)],
      ['Users restored', counts && restored !== undefined ? `${number(restored)} of ${number(counts.in)}` : '–', '–',
        counts ? { text: 'the rest is explained below' } : { text: 'not reached' }],
      ['Differences', differences === undefined ? '–' : number(differences), 'none that is unexplained',
        unexplained === undefined ? 'not reached' : unexplained > 0 ? { text: `${number(unexplained)} unexplained`, tone: 'bad' }
          : { text: differences === 0 ? 'none' : 'all explained', tone: 'good' }],
      ['Nothing of the drill is left', verdict.deletionStatus === 'SUCCESSFUL' ? 'yes' : 'no', 'yes',
        { text: verdict.deletionStatus, tone: verdict.deletionStatus === 'SUCCESSFUL' ? 'good' : 'bad' }],
    ]),
  };
}

function failures(report: DrillReport): PageSection | undefined {
  if (report.verdict.failures.length === 0 && report.end.how === 'completed') return undefined;
  const { end } = report;
  const missing = missingPartsOf(report);
  return {
    heading: 'What went wrong',
    paragraphs: [
      `How the drill ended: ${WORDS.end[end.how]}${end.how === 'failed' ? ` (${WORDS.phases[end.phase]}: ${end.error})` : ''}.`,
      ...report.verdict.failures.map(failure => WORDS.failures[failure]),
      ...missing.length > 0 ? [`Parts that the report lacks, by their names in its JSON: ${missing.join(', ')}.`] : [],
    ],
  };
}

function rehearsed(report: DrillReport): PageSection {
  const { moment, scope, startedBy, approvedBy, templates, versions, source, scratch } = report;
  const template = ({ stack, sha256, unreadable }: typeof templates.primary): Row =>
    [`Template of stack ${stack}, as SHA-256`, sha256 === undefined ? `could not be read (${unreadable ?? 'unknown'})` : code(sha256)];
  return {
    heading: 'What was rehearsed',
    paragraphs: [],
    table: tableOf('The drill', ['What', 'Value'], [
      ['Scenario', report.scenario],
      ['Objective', report.objective],
      ['Drill', code(report.id)],
      ['Execution', code(report.executionArn)],
      ['Started by', { text: WORDS.starts[startedBy.how] + (startedBy.roleArn === undefined ? '' : `, with the role ${startedBy.roleArn}`) }],
      ['Approved by', approvedBy ? code(approvedBy.roleArn) : 'nobody was named'],
      ['User pool in use', code(`${source.userPoolId} (${source.region})`)],
      ['Scratch user pool', scratch ? code(`${scratch.userPoolId}, ${scratch.name} (${scratch.region})`) : 'none was made'],
      ['Moment that was restored', moment ? utc(moment.at) : 'not chosen'],
      ['How it was chosen', !moment ? '–' : moment.choice === 'latest' ? 'the latest state of the copy'
        : `at random between ${utc(moment.window.from)} and ${utc(moment.window.to)}, with the seed ${moment.seed}, by which anybody can choose it `
          + 'again'],
      ['Users', !scope ? '–' : scope.of === 'everybody' ? `everybody: ${number(scope.users)}`
        : `a random sample of ${number(scope.users)} of ${number(scope.population)}, with the seed ${scope.seed}`],
      ['Versions', `cognito-dr-replica ${versions.library}, form of the copy ${versions.ledger}, Node.js ${versions.node}`],
      template(templates.primary),
      template(templates.replica),
    ]),
  };
}

function steps({ phases }: DrillReport): PageSection | undefined {
  if (phases.length === 0) return undefined;
  return {
    heading: 'Step by step',
    paragraphs: [],
    table: tableOf('Steps, in UTC', ['Step', 'Begun', 'Ended', 'Took'], phases.map(({ phase, startedAt, endedAt }): Row => [
      WORDS.phases[phase], utc(startedAt), endedAt === undefined ? 'not ended' : utc(endedAt),
      endedAt === undefined ? '–' : duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000),
    ])),
  };
}

function times({ measured, targets, verdict }: DrillReport): PageSection | undefined {
  if (!measured) return undefined;
  const { extrapolated } = measured;
  return {
    heading: 'Times, against their targets',
    paragraphs: extrapolated ? [
      `A sample was restored. What everybody would have taken is extrapolated, not measured: ${number(extrapolated.users)} users, at the rates `
        + `that were achieved, with ${percent(extrapolated.quotaShare)} of each quota of Cognito instead of the drill's `
        + `${percent(measured.quotaShare)}.`,
    ] : [],
    table: tableOf('Times', ['What', 'Measured', 'Target', 'Judgement'], [
      ['Restore of these users', duration(measured.restoreSeconds), '–', ''],
      ['From the start of the drill to the last user', duration(measured.recoverySeconds),
        ...extrapolated ? ['–', ''] : ofTarget(targets.rto, verdict.rto)],
      ...extrapolated ? [
        ['Everybody (extrapolated)', duration(extrapolated.recoverySeconds), ...ofTarget(targets.rto, verdict.rto)] satisfies Row,
      ] : [],
      ['Rate', `${number(measured.usersPerSecond)} users a second`, '–', ''],
      ['Age of the copy at the moment', duration(measured.copyAgeSeconds), ...ofTarget(targets.rpo, verdict.rpo)],
      ['Users of whom it is not certain what they were then', number(measured.uncertainUsers), '–', ''],
    ]),
  };
}

function inAndOut({ counts }: DrillReport): PageSection | undefined {
  if (!counts) return undefined;
  const out = counts.out.reduce((sum, { users }) => sum + users, 0);
  return {
    heading: 'Users in, users out',
    paragraphs: [out === counts.in ? `${number(counts.in)} went in and ${number(out)} are accounted for.`
      : `${number(counts.in)} went in, but ${number(out)} are accounted for.`],
    table: tableOf('What became of each user', ['Outcome', 'Why', 'Users'], counts.out.map(({ outcome, reason, users }): Row => [
      WORDS.outcomes[outcome], reason === undefined ? '–' : wordsOfReason(reason), number(users),
    ])),
  };
}

function comparison({ comparison: compared }: DrillReport): PageSection | undefined {
  if (!compared) return undefined;
  const { expected, found, differences } = compared;
  const row = (name: string, { users, groups, memberships, sha256 }: typeof expected): Row =>
    [name, number(users), number(groups), number(memberships), code(sha256)];
  return {
    heading: 'The copy and what was restored, compared',
    paragraphs: differences.length === 0 ? ['Users, groups and memberships were compared field by field. There is no difference.']
      : ['Users, groups and memberships were compared field by field. The differences:', ...differences.map(({ code: what, field, reason, count }) =>
        `${number(count)} × ${WORDS.differences[what]}${field === undefined ? '' : ` (${field})`}: `
          + `${reason === undefined ? 'UNEXPLAINED' : wordsOfReason(reason)}.`)],
    table: tableOf('Both sets', ['Set', 'Users', 'Groups', 'Memberships', 'Fingerprint (SHA-256)'], [
      row('In the copy', expected), row('Restored', found),
    ]),
  };
}

function signIn({ signIn: seen }: DrillReport): PageSection | undefined {
  if (!seen) return undefined;
  return {
    heading: 'Signing in',
    paragraphs: ['One restored user of each kind got a random password and signed in to the scratch pool.'],
    table: tableOf('Sign-in by kind of user', ['Kind', 'Expected', 'Seen'], seen.kinds.map(({ kind, expected, seen: what, error }): Row => [
      kind.replace(/-/g, ' '), WORDS.signInSeen[expected],
      {
        text: WORDS.signInSeen[what] + (error === undefined ? '' : ` (${error})`),
        tone: what === expected ? 'good' : what === 'no-such-user' ? 'neutral' : 'bad',
      },
    ])),
  };
}

function isolation({ isolation: checks }: DrillReport): PageSection | undefined {
  if (!checks) return undefined;
  return {
    heading: 'Whether anybody was touched',
    paragraphs: [],
    table: tableOf('What kept the drill apart', ['What', 'Seen'], checks.map(({ code: what, seen }): Row => [
      WORDS.isolation[what], { text: WORDS.isolationSeen[seen], tone: seen === 'held' ? 'good' : seen === 'broken' ? 'bad' : 'neutral' },
    ])),
  };
}

function losses({ knownLosses }: DrillReport): PageSection | undefined {
  if (!knownLosses) return undefined;
  return {
    heading: 'What no restore brings back',
    paragraphs: ['These are limits of Amazon Cognito. They are known before a restore, and users have to be told.'],
    table: tableOf('Known losses', ['What', 'What follows', 'Users of this drill'], knownLosses.map(({ code: what, users }): Row => [
      WORDS.losses[what][0], WORDS.losses[what][1], number(users),
    ])),
  };
}

function deviations({ deviations: open }: DrillReport): PageSection | undefined {
  if (!open?.length) return undefined;
  return {
    heading: 'How the drill deviates from a real restore',
    paragraphs: ['Owner and due date are to be filled in on a copy of this page: the report itself is never changed.'],
    table: tableOf('Deviations', ['Deviation', 'Settings', 'Owner', 'Due date'], open.map(({ code: what, settings }): Row => [
      WORDS.deviations[what], settings?.length ? code(settings.join(', ')) : '–', { text: '', isBlank: true }, { text: '', isBlank: true },
    ])),
  };
}

function removal({ removal: gone, scratch, verdict }: DrillReport): PageSection {
  return {
    heading: 'The scratch pool afterwards',
    paragraphs: [
      gone ? `${WORDS.removal[gone.how]}${gone.how === 'failed' ? ` (${gone.error})` : ''}` : 'Nothing is known of its deletion.',
      ...gone?.how === 'proven' ? [`Deleted ${utc(gone.deletedAt)}, seen to be gone ${utc(gone.provenAt)}.`] : [],
      ...gone?.how === 'not-proven' ? [`It should have been gone by ${utc(gone.deletedAt)}.`] : [],
      ...verdict.deletionStatus === 'FAILED' ? [`Look for the user pool ${scratch?.userPoolId ?? 'of this drill'} and delete it.`] : [],
    ],
  };
}

function controls({ controls: supported, verdict }: DrillReport): PageSection {
  const heading = 'Controls that this report supports';
  if (supported.length === 0) return { heading, paragraphs: ['None: the drill was not carried out.'] };
  const asked = new Map(CONTROLS.map(({ standard, clause, asks }) => [`${standard} ${clause}`, asks]));
  return {
    heading,
    paragraphs: [
      'A report supports a control as one piece of evidence. Whether a control is met is for the organization and its auditor to say.',
      ...verdict.validationStatus === 'FAILED'
        ? ['This drill failed: it supports that a test was made and what it found, and not that recovery works.'] : [],
    ],
    table: tableOf('Controls', ['Standard', 'Clause', 'Asks, in short', 'Supported by these parts of the report'], supported.map((control): Row => [
      control.standard, control.clause, asked.get(`${control.standard} ${control.clause}`) ?? '–', code(control.supportedBy.join(', ')),
    ])),
  };
}

function authenticity({ sequence, previousSha256 }: DrillReport, sha256: string): PageSection {
  return {
    heading: 'Whether this is the report',
    paragraphs: [
      'This page shows a report that is kept as JSON. Where the two differ, the JSON is right. Its last line but one is the SHA-256 of everything '
        + 'before that line, and it names the SHA-256 of the report before it, so that none can be changed or left out without breaking the chain.',
    ],
    table: tableOf('Place in the chain', ['What', 'Value'], [
      ['Number in the chain', number(sequence)],
      ['SHA-256', code(sha256)],
      ['SHA-256 of the report before', previousSha256 === null ? 'this is the first one' : code(previousSha256)],
    ]),
  };
}

function tableOf(caption: string, columns: readonly string[], rows: readonly Row[]): PageTable {
  return {
    caption,
    columns,
    rows: rows.map(([name, ...cells]) => ({
      name, cells: cells.map((cell, i) => ({ ...PLAIN, column: columns[i + 1], ...typeof cell === 'string' ? { text: cell } : cell })),
    })),
  };
}

function ofTarget(target: number | undefined, status: TargetStatus): [string, PageCell] {
  return [target === undefined ? '–' : `at most ${duration(target)}`, judged(status)];
}

function judged(status: TargetStatus): PageCell {
  return { text: WORDS.targets[status], tone: status === 'met' ? 'good' : status === 'missed' ? 'bad' : 'neutral' };
}

function countAll(differences: readonly { readonly count: number }[]): number {
  return differences.reduce((sum, { count }) => sum + count, 0);
}

function code(text: string): PageCell {
  return { text, element: 'code' };
}

function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${number(share * 100)} %`;
}

/** The two largest units that say something. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3_600)];
  const units = [[Math.floor(hours / 24), 'd'], [hours % 24, 'h'], [minutes % 60, 'min'], [whole % 60, 's']] as const;
  const first = units.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0 s';
  return units.slice(first, first + 2).filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}
