import { EventPattern } from 'aws-cdk-lib/aws-events';
import { API_EVENTS, CHALLENGE_EVENTS, CHANGING_CHALLENGES, PAGE_EVENTS } from './user-events';

const COGNITO = { source: ['aws.cognito-idp'] };
const SUCCEEDED = {
  eventSource: ['cognito-idp.amazonaws.com'],
  // AWS's samples of managed login have an empty one where nothing went wrong.
  errorCode: [{ exists: false }, ''],
};
const ABSENT = [{ exists: false }];

/**
 * Events that may be about a user of the pool. Calls of administrators name it in their request; calls of users and pages of managed login name
 * it beside that, or, until some day of 2025, not at all: the consumer then looks whether the pool knows the user.
 */
export function userEventPattern(userPoolId: string): EventPattern {
  return {
    ...COGNITO,
    detailType: ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'],
    detail: { ...SUCCEEDED, eventName: Object.keys({ ...API_EVENTS, ...PAGE_EVENTS }), $or: placesOf(userPoolId, {}) },
  };
}

/** Every step of every sign-in answers a challenge; only some of them change more than a session. */
export function challengeEventPattern(userPoolId: string): EventPattern {
  return {
    ...COGNITO,
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      ...SUCCEEDED, eventName: Object.keys(CHALLENGE_EVENTS), $or: placesOf(userPoolId, { challengeName: [...CHANGING_CHALLENGES] }),
    },
  };
}

function placesOf(userPoolId: string, request: Record<string, unknown>): Record<string, unknown>[] {
  return [
    { requestParameters: { ...request, userPoolId: [userPoolId] } },
    { requestParameters: { ...request, userPoolId: ABSENT }, additionalEventData: { userPoolId: [userPoolId] } },
    { requestParameters: { ...request, userPoolId: ABSENT }, additionalEventData: { userPoolId: ABSENT } },
  ];
}
