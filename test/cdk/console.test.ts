import { ConsoleLinks } from '../../src/cdk/console';

const links = new ConsoleLinks('us-east-1');

test.each([
  ['us-east-1', 'us-east-1.console.aws.amazon.com'],
  ['cn-north-1', 'cn-north-1.console.amazonaws.cn'],
  ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ['eusc-de-east-1', 'eusc-de-east-1.console.amazonaws-eusc.eu'],
  // One that this version of the CDK does not know.
  ['eu-north-9', 'eu-north-9.console.aws.amazon.com'],
])('the console of %s is at %s', (region, host) => {
  expect(new URL(new ConsoleLinks(region).dashboard('x')).host).toBe(host);
});

test.each([
  ['a dashboard', links.dashboard('Auth-Dr'), '/cloudwatch/home?region=us-east-1#dashboards/dashboard/Auth-Dr'],
  ['executions', links.executions('arn:aws:states:us-east-1:111122223333:stateMachine:S'),
    '/states/home?region=us-east-1#/statemachines/view/arn:aws:states:us-east-1:111122223333:stateMachine:S'],
  ['a function', links.function('F'), '/lambda/home?region=us-east-1#/functions/F?tab=monitoring'],
  ['a queue', links.queue({ account: '111122223333', urlSuffix: 'amazonaws.com', queueName: 'Q' }),
    '/sqs/v3/home?region=us-east-1#/queues/https%3A%2F%2Fsqs.us-east-1.amazonaws.com%2F111122223333%2FQ'],
  ['users', links.users('us-east-1_AbCdEfGhI'), '/cognito/v2/idp/user-pools/us-east-1_AbCdEfGhI/users?region=us-east-1'],
  ['objects', links.objects('evidence', 'pages/'), '/s3/buckets/evidence?region=us-east-1&prefix=pages/'],
])('links to %s', (_what, link, rest) => {
  expect(link).toBe(`https://us-east-1.console.aws.amazon.com${rest}`);
});

/** The notation of the console, read back: https://stackoverflow.com/a/60818699 */
function detailOf(link: string): string {
  const [, escaped] = link.split('#logsV2:logs-insights$3FqueryDetail$3D');
  return decodeURIComponent(decodeURIComponent(escaped.replace(/\$/g, '%')));
}

test('links to a query of logs, which is whole whatever signs are in it', () => {
  const query = 'fields @timestamp, level\n| filter level in ["WARN"] or @message like /Task timed out|~(it\'s)*50%/\n| limit 100';
  const link = links.logs(['Auth-SweepLogs-1A', 'Auth-HintsLogs-2B'], query);
  expect(link).toMatch(/^https:\/\/us-east-1\.console\.aws\.amazon\.com\/cloudwatch\/home\?region=us-east-1#logsV2:logs-insights\$3FqueryDetail\$3D\$257E\$2528/);
  // In Markdown a link ends at a bracket or a space.
  expect(link).not.toMatch(/[\s()[\]<>]/);
  const [, text, groups] = /^~\(end~0~start~-86400~timeType~'RELATIVE~unit~'seconds~editorString~'([^~]*)~isLiveTail~false~source~\((.*)\)\)$/.exec(detailOf(link))!;
  expect(decodeURIComponent(text.replace(/\*/g, '%'))).toBe(query);
  expect(groups).toBe("~'Auth-SweepLogs-1A~'Auth-HintsLogs-2B");
});
