import { ATTRIBUTE_RULES } from './attributes';
import { CREATION } from './creation';
import { GROUPS } from './groups';
import { LISTING } from './listing';
import { MFA_RULES } from './mfa';
import { NAMES } from './names';
import { STATUSES } from './statuses';
import { Behaviour } from '../behaviour';

/** The contract. */
export const BEHAVIOURS: readonly Behaviour[] = [...CREATION, ...NAMES, ...ATTRIBUTE_RULES, ...STATUSES, ...GROUPS, ...LISTING, ...MFA_RULES];
