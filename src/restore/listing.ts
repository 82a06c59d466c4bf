import { SliceContext } from './slice-context';
import { Page } from '../cognito/page';
import { isException } from '../cognito/refusals';
import { TargetUser } from '../cognito/user';
import { WorkPage } from '../runtime/pipeline';
import { PublicError } from '../runtime/public-error';

export interface TargetPage extends WorkPage<readonly TargetUser[]> {
  readonly next?: string;
}

/** Cognito accepts the token of a listing for an hour; after that the phase has to begin anew. What was done by then stays done. */
export class ListingExpiredError extends PublicError {
  public readonly name = 'ListingExpiredError';
}

/** All users of the target, page by page, from where an earlier slice stopped. */
export async function* listTarget({ target }: SliceContext, from?: string): AsyncGenerator<TargetPage> {
  let cursor = from;
  do {
    const page: Page<TargetUser> = await continued(cursor !== undefined && cursor === from, () => target.listUsers(cursor));
    cursor = page.next;
    yield { items: [page.items], next: cursor };
  } while (cursor !== undefined);
}

/** `isOld`: the token is from an earlier slice. */
export async function continued<T>(isOld: boolean, list: () => Promise<T>): Promise<T> {
  try {
    return await list();
  } catch (error) {
    if (isOld && isException(error, 'InvalidParameterException')) throw new ListingExpiredError('the token of the listing has expired');
    throw error;
  }
}
