import { About, shapeOf } from './event-shape';

const ABOUT: About = { userPoolId: 'us-east-1_A', clientId: 'c1', sub: 's1', address: 'ann@example.com' };
const detail = (parts: object) => ({ eventType: 'AwsApiCall', ...parts });

test.each<[string, object, Partial<About>, string]>([
  ['an administrator\'s call', { requestParameters: { userPoolId: 'us-east-1_A', username: 'HIDDEN' }, additionalEventData: { sub: 's1' } }, {},
    'pool in requestParameters.userPoolId; client not named; sub in additionalEventData.sub; address masked; AwsApiCall'],
  ['nobody', { requestParameters: null }, {}, 'pool not named; client not named; sub not named; address masked; AwsApiCall'],
  ['a list', { additionalEventData: { requestParameters: { sub: ['s1', 'x'] } } }, {},
    'pool not named; client not named; sub in additionalEventData.requestParameters.sub; address masked; AwsApiCall'],
  ['in two places', { requestParameters: { userPoolId: 'us-east-1_A' }, additionalEventData: { userPoolId: 'us-east-1_A' } }, {},
    'pool in additionalEventData.userPoolId and requestParameters.userPoolId; client not named; sub not named; address masked; AwsApiCall'],
  ['an address that can be read', { requestParameters: { username: 'Ann@example.com' } }, {},
    'pool not named; client not named; sub not named; address readable in requestParameters.username; AwsApiCall'],
  ['a group, of a call about nobody', { requestParameters: { groupName: 'g' } }, { sub: undefined, groupName: 'g' },
    'pool not named; client not named; group in requestParameters.groupName; address masked; AwsApiCall'],
  ['an error', { errorCode: 'UserNotFoundException' }, {},
    'pool not named; client not named; sub not named; address masked; AwsApiCall with errorCode UserNotFoundException'],
  ['an error code that is empty is none', { errorCode: '' }, {}, 'pool not named; client not named; sub not named; address masked; AwsApiCall'],
])('%s', (_, parts, about, expected) => {
  expect(shapeOf(detail(parts), { ...ABOUT, ...about })).toBe(expected);
});
