import { AwsAnswer, AwsRequest, errorAnswer, header } from './request';

/** Services that answer errors in XML, to whoever asks in their older protocol. */
const QUERY = new Set(['cloudformation', 'iam', 'sts', 'monitoring', 'sns']);

/** An error as the protocol of the called service writes it. */
export function refusal(request: AwsRequest, type: string, message: string, status = 400): AwsAnswer {
  if (request.service === 's3') {
    return xml(`<Error><Code>${escaped(type)}</Code><Message>${escaped(message)}</Message></Error>`, status);
  }
  if (QUERY.has(request.service) && header(request.headers, 'x-amz-target') === undefined) {
    return xml(`<ErrorResponse><Error><Type>Sender</Type><Code>${escaped(type)}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`, status);
  }
  return errorAnswer(type, message, status);
}

function xml(text: string, status: number): AwsAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
