import { GroupType, UserType } from '@aws-sdk/client-cognito-identity-provider';
import { GroupImage, UserImage } from './user';
import { PublicError } from '../runtime/public-error';

/** A user as Cognito describes them; all calls answer the same shape. */
export function userImage(user: UserType): UserImage {
  const { Attributes: listed = [] } = user;
  const { sub, ...attributes } = Object.fromEntries(listed.map(({ Name, Value = '' }) => [required(Name, 'Name'), Value]));
  return {
    sub: required(sub, 'sub'),
    username: required(user.Username, 'Username'),
    attributes,
    enabled: user.Enabled ?? true,
    status: user.UserStatus ?? 'UNKNOWN',
    createdAt: required(user.UserCreateDate, 'UserCreateDate').getTime(),
    modifiedAt: required(user.UserLastModifiedDate, 'UserLastModifiedDate').getTime(),
  };
}

export function groupImage(group: GroupType): GroupImage {
  return {
    name: required(group.GroupName, 'GroupName'),
    description: group.Description,
    precedence: group.Precedence,
    roleArn: group.RoleArn,
    createdAt: group.CreationDate?.getTime(),
    modifiedAt: group.LastModifiedDate?.getTime(),
  };
}

/** A field that an answer is useless without; the service's model declares every field optional. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new PublicError(`Cognito answered without ${name}`);
  return value;
}
