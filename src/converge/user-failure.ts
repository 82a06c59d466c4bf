import { isException, isPoolMissing, isRefusal } from '../cognito/refusals';
import { Reason } from '../state/outcome';

/** This user fails; all others go on. */
export class UserFailure extends Error {
  public readonly name = 'UserFailure';

  constructor(public readonly reason: Reason) {
    super(reason.code);
  }
}

/** Makes the call; a refusal that concerns this user alone becomes a {@link UserFailure}, any other error ends the slice. */
export async function forUser<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isRefusal(error) || isAboutThePool(operation, error)) throw error;
    throw new UserFailure(refused(operation, error));
  }
}

export function refused(operation: string, { name: error }: Error): Reason {
  return { code: 'refused', operation, error };
}

/** Whether the pool is what is missing: only a call that puts a user into a group names another resource, that group. */
function isAboutThePool(operation: string, error: Error): boolean {
  return isException(error, 'ResourceNotFoundException') && (operation !== 'AdminAddUserToGroup' || isPoolMissing(error));
}

/** What the work answers, or the failure of this user that ended it. */
export async function orFailure<T>(work: () => Promise<T>): Promise<{ readonly result?: T; readonly failure?: UserFailure }> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof UserFailure) return { failure: error };
    throw error;
  }
}
