import { ADDRESSES, AddressAttribute, Attributes, verifiedAddressOf } from './attribute-values';
import { MfaPreference } from './user';

/** Where the codes of a second factor go: the methods that an administrator can switch on. Others need what only the person has. */
export const ADDRESS_OF_MFA: Readonly<Record<string, AddressAttribute>> = { SMS_MFA: 'phone_number', EMAIL_OTP: 'email' };

/** What an administrator can set of a preference; undefined where that is nothing. */
export function restorableMfa(mfa: MfaPreference | undefined): MfaPreference | undefined {
  const enabled = mfa?.enabled.filter(method => ADDRESS_OF_MFA[method] !== undefined) ?? [];
  if (enabled.length === 0) return undefined;
  return mfa!.preferred && enabled.includes(mfa!.preferred) ? { enabled, preferred: mfa!.preferred } : { enabled };
}

/**
 * The kinds of address to which a pool sends codes for a new password, from the names of its recovery mechanisms. Without the setting, it is either.
 *
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html
 */
export function recoveryAddresses(mechanisms: readonly string[] | undefined): AddressAttribute[] {
  return ADDRESSES.filter(address => mechanisms === undefined || mechanisms.includes(`verified_${address}`));
}

/**
 * The addresses to which Cognito sends this user a code for a new password: none by which the user gets codes as a second factor. Where the pool
 * lacks the setting, Cognito may send it there all the same; nothing here depends on it.
 */
export function addressesToRecoverBy(recovery: readonly AddressAttribute[], attributes: Attributes, mfa?: MfaPreference): AddressAttribute[] {
  const factors = mfa?.enabled.map(method => ADDRESS_OF_MFA[method]) ?? [];
  return recovery.filter(address => verifiedAddressOf(attributes, address) !== undefined && !factors.includes(address));
}

/** Whether the second factor would take from the user the last way to a new password. */
export function keepsFromRecovery(recovery: readonly AddressAttribute[], attributes: Attributes, mfa: MfaPreference): boolean {
  return addressesToRecoverBy(recovery, attributes).length > 0 && addressesToRecoverBy(recovery, attributes, mfa).length === 0;
}
