import { Part } from '../part';
import { AwsAnswer, AwsRequest } from '../request';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

/**
 * An account begins in the sandbox, in each Region.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html
 */
export class SmsSandboxRules implements Part {
  public readonly name = 'rules/sms-sandbox';
  public readonly standIn = 'says that the account sends text messages in the sandbox only';

  public before({ service, operation }: AwsRequest): AwsAnswer | void {
    if (service !== 'sns' || operation !== 'GetSMSSandboxAccountStatus') return undefined;
    const result = '<GetSMSSandboxAccountStatusResult><IsInSandbox>true</IsInSandbox></GetSMSSandboxAccountStatusResult>';
    const body = `<GetSMSSandboxAccountStatusResponse xmlns="${NAMESPACE}">${result}</GetSMSSandboxAccountStatusResponse>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) };
  }
}
