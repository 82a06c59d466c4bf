import { AwsAnswer, AwsRequest } from './request';

/** What a part says instead of an answer: the connection breaks, as with a Region that is gone. */
export const DROP = 'drop';

/**
 * One thing that AWS does and ministack does not. Parts see every call in their order before it reaches ministack, and every answer
 * in the opposite order after.
 */
export interface Part {
  readonly name: string;
  /** One line for test and demo output; absent where a part only watches or disturbs and stands in for nothing of AWS. */
  readonly standIn?: string;
  /** Answers in ministack's place, or lets the call pass. */
  before?(request: AwsRequest): Promise<AwsAnswer | typeof DROP | void> | AwsAnswer | typeof DROP | void;
  /** Sees what ministack, or an earlier part, answered; may answer something else. */
  after?(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> | AwsAnswer | void;
  /** A call that ends without an answer: some part cut its connection, or it failed on the way. */
  dropped?(request: AwsRequest): void;
  close?(): Promise<void> | void;
}
