import { Link } from '../state/run-state';
import { UserContext } from './user-context';
import { forUser, UserFailure } from './user-failure';
import { PlannedImage } from './user-plan';
import { UserRow } from '../ledger/schema';
import { UserImage } from '../cognito/user';
import { Clock } from '../runtime/clock';

export type Write = (operation: string, call: () => Promise<void>) => Promise<void>;

/** Cognito allows about ten writes a second on one user: somebody in many groups would run into it when few others are in flight. */
const WRITES_WITHOUT_PAUSE = 3;
const PAUSE = 100;

export function writesOfOneUser(clock: Clock): Write {
  let writes = 0;
  return async (operation, call) => {
    if (writes++ >= WRITES_WITHOUT_PAUSE) await clock.sleep(PAUSE);
    await forUser(operation, call);
  };
}

/** A refused preference is worth a warning, not the user: they can set it themselves. */
export async function setMfa(context: UserContext, user: UserImage, { mfa }: PlannedImage, write: Write): Promise<string[]> {
  if (!mfa) return [];
  try {
    await write('AdminSetUserMFAPreference', () => context.target.setMfaPreference(user.username, mfa));
    return [];
  } catch (error) {
    if (error instanceof UserFailure) return ['MFA preference refused by the target'];
    throw error;
  }
}

/** What this run leaves about a user for later ones. */
export function linkTo(context: UserContext, row: UserRow, user: UserImage, image: PlannedImage, how: Pick<Link, 'restored' | 'finished'>): Link {
  return { sourceSub: row.sub, targetSub: user.sub, image, execution: context.run.execution, at: context.clock.now(), ...how };
}
