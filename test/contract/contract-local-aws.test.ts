import {
  CreateIdentityProviderCommand, CreateUserPoolClientCommand, CreateUserPoolCommand, CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { ContractPoolKind, Driver } from './driver';
import { apiDriver, ApiPool } from './drivers/cognito-api';
import { holdToTheContract } from './hold';
import { poolProperties } from './pool-properties';
import { Backend } from '../local-aws/gateway/backend';
import { LocalAws } from '../local-aws/local-aws';
import { signInFederated } from '../local-aws/seed/federated-sign-in';
import { CALLBACK_URL } from '../local-aws/seed/pools';

const REGION = 'us-east-1';

let aws: LocalAws;
let driver: Driver;

beforeAll(async () => {
  aws = await LocalAws.start();
  const made = new Map<ContractPoolKind, Promise<ApiPool>>();
  const emptied = new Set<string>();
  driver = apiDriver({
    name: 'local AWS',
    cannot: {},
    cognito: aws.client(REGION).cognito,
    // One of each kind for all behaviours: on an AWS account they share them too.
    poolOf: async kind => {
      const pool = made.get(kind) ?? create(kind);
      made.set(kind, pool);
      return pool;
    },
    prefix: 'contract',
    address: name => `${name}@example.com`,
    patience: 0,
    poll: 1_100,
    beyondTheApi: ({ userPoolId, clientId }) => ({
      signInFederated: async ({ provider, subject }, email) => {
        const api = new Backend(Number(new URL(aws.endpoint).port), aws.account);
        try {
          await signInFederated(api, { clientId, provider, nameId: subject, attributes: { email } });
        } finally {
          api.close();
        }
        return `${provider}_${subject}`;
      },
      withEmptyPages: async () => {
        const isNew = (token: unknown) => typeof token === 'string' && !emptied.has(token);
        aws.faults.inject({
          operation: 'ListUsers',
          when: ({ input }) => input.UserPoolId === userPoolId && isNew(input.PaginationToken),
          answer: (answer, { input }) => {
            emptied.add(input.PaginationToken as string);
            return { ...answer, Users: [], PaginationToken: input.PaginationToken };
          },
        });
      },
      messages: async () => (await aws.mails()).length,
    }),
  });
});

afterEach(() => aws.faults.clear());

afterAll(async () => {
  // A behaviour sends a sub, to see it refused; nothing else may break a rule of ours.
  const broken = aws.violations.found.splice(0).map(({ caller, what }) => `${caller} ${what}`);
  await aws.stop();
  expect(broken.filter(rule => rule !== 'other with the attribute sub')).toEqual([]);
});

async function create(kind: ContractPoolKind): Promise<ApiPool> {
  const { cognito } = aws.client(REGION);
  const { UserPool: pool } = await cognito.send(new CreateUserPoolCommand({ PoolName: `contract-${kind}`, ...poolProperties(kind) } as CreateUserPoolCommandInput));
  const UserPoolId = pool!.Id!;
  await cognito.send(new CreateIdentityProviderCommand({
    UserPoolId,
    ProviderName: 'Corp',
    ProviderType: 'SAML',
    ProviderDetails: { MetadataURL: 'https://idp.example.com/metadata' },
    AttributeMapping: { email: 'email' },
  }));
  const { UserPoolClient: client } = await cognito.send(new CreateUserPoolClientCommand({
    UserPoolId,
    ClientName: 'contract',
    ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    SupportedIdentityProviders: ['COGNITO', 'Corp'],
    CallbackURLs: [CALLBACK_URL],
    AllowedOAuthFlows: ['code'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: ['openid'],
  }));
  return { userPoolId: UserPoolId, clientId: client!.ClientId! };
}

holdToTheContract(() => driver, { name: 'local AWS', cannot: {} });
