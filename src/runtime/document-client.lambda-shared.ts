import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { naming } from './name-operations.lambda-shared';

const MAX_ATTEMPTS = 5;

/** DynamoDB in this function's own Region; no function needs another Region's. */
export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(naming(new DynamoDBClient({ maxAttempts: MAX_ATTEMPTS })), { marshallOptions: { removeUndefinedValues: true } });
}
