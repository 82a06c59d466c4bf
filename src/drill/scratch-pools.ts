import { DescribedScratchPool } from './scratch-settings';
import { UserPoolId } from '../cognito/ids';

export interface FoundPool {
  readonly id: UserPoolId;
  readonly name: string;
}

export interface SigningIn {
  readonly username: string;
  /** By which the user signs in. */
  readonly name: string;
  readonly password: string;
}

/** The `sub` of the token, or the name of the exception or of the challenge. */
export type SignedIn = { readonly sub: string } | { readonly error: string };

/** Pools that drills make, through Cognito's API. Bringing users into one is the engine's. */
export interface ScratchPools {
  /** Every pool of the account and Region with a name that begins so. */
  named(beginning: string): Promise<FoundPool[]>;
  create(request: Readonly<Record<string, unknown>>): Promise<UserPoolId>;
  /** Undefined where there is no such pool, or none that a drill may look at. */
  describe(id: UserPoolId): Promise<DescribedScratchPool | undefined>;
  /** Ids of the clients; a drill makes one. */
  clients(id: UserPoolId): Promise<string[]>;
  /** A client to sign in by, which may write nothing that says who a user is. */
  createClient(id: UserPoolId): Promise<string>;
  /** Does nothing where there is no such pool any more. */
  delete(id: UserPoolId): Promise<void>;
  /** Gives the user that password, which sends nobody anything, and signs in with it by the name. */
  signIn(id: UserPoolId, clientId: string, user: SigningIn): Promise<SignedIn>;
}
