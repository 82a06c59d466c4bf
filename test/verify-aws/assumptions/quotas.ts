import { GetProvisionedLimitCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListServiceQuotasCommand, ServiceQuota } from '@aws-sdk/client-service-quotas';
import { Assumption, DOCS, Observation } from './assumption';
import { DEFAULT_QUOTAS } from '../../../src/cognito/quotas';
import { Port, Region } from '../port';

const QUOTAS = `${DOCS}quotas.html`;
const ADJUSTABLE = 'UserCreation';

/** Requests per second by category, of the quotas whose names begin as that of a category does. */
export function ratesOf(quotas: readonly ServiceQuota[]): ReadonlyMap<string, number> {
  return new Map(quotas.flatMap(({ QuotaName, Value }) => {
    const [, category] = /^Rate of (\w+) requests/.exec(QuotaName ?? '') ?? [];
    return category && Value !== undefined ? [[category, Value]] : [];
  }));
}

/** What an account has against what the library takes for granted, by category. */
export function compareRates(assumed: Readonly<Record<string, number>>, observed: ReadonlyMap<string, number>): Observation {
  const known = Object.entries(assumed).filter(([category]) => observed.has(category));
  if (known.length === 0) return { notObserved: 'Service Quotas lists no rate of any of these categories' };
  const different = known.filter(([category, rate]) => observed.get(category) !== rate).map(([category, rate]) => `${category} ${observed.get(category)} instead of ${rate}`);
  const missing = Object.keys(assumed).filter(category => !observed.has(category));
  const unlisted = `not listed: ${missing.join(', ')}`;
  if (different.length > 0) return { observed: [different.join(', '), ...missing.length > 0 ? [unlisted] : []].join('; '), holds: false };
  const held = `${known.length} as assumed`;
  return missing.length > 0 ? { observed: held, notObserved: unlisted } : { observed: held, holds: true };
}

async function serviceQuotas({ serviceQuotas: client }: Region): Promise<ServiceQuota[]> {
  const quotas: ServiceQuota[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListServiceQuotasCommand({ ServiceCode: 'cognito-idp', NextToken }));
    quotas.push(...page.Quotas ?? []);
    ({ NextToken } = page);
  } while (NextToken);
  return quotas;
}

const which = { source: 'in the source pool\'s Region', replica: 'in the replica Region' };
const assumedRates = Object.entries(DEFAULT_QUOTAS).map(([category, rate]) => `${category} ${rate}`).join(', ');

/** Where they differ because AWS raised them, tell the construct (restoreQuotas, sweepQuotas). */
export const REQUEST_QUOTAS: readonly Assumption[] = (['source', 'replica'] as const).flatMap((side): Assumption[] => [
  {
    id: `quotas.${side}`,
    what: `Requests per second ${which[side]}`,
    assumed: assumedRates,
    source: QUOTAS,
    check: async (port: Port) => compareRates(DEFAULT_QUOTAS, ratesOf(await serviceQuotas(port[side]))),
  },
  {
    id: `quotas.${side}-provisioned`,
    what: `GetProvisionedLimit of ${ADJUSTABLE} ${which[side]}`,
    assumed: `free ${DEFAULT_QUOTAS[ADJUSTABLE]}, and nothing bought beyond`,
    source: 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetProvisionedLimit.html',
    check: async (port: Port) => {
      const { Limit } = await port[side].cognito.send(new GetProvisionedLimitCommand({
        LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: ADJUSTABLE } },
      }));
      const { FreeLimitValue: free, ProvisionedLimitValue: provisioned } = Limit!;
      return { observed: `free ${free}, provisioned ${provisioned}`, holds: free === DEFAULT_QUOTAS[ADJUSTABLE] && provisioned === free };
    },
  },
]);
