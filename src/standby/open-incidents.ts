import { Incident, incidentOfUser, isDeletionOf } from '../ledger/incident';
import { GroupRow, MembershipRow, UserRow } from '../ledger/schema';
import { SwitchState } from '../state/switch';

/**
 * Incidents whose deletions count for nothing on the standby yet: somebody may have deleted by mistake, and until an operator confirms it, nobody who
 * was there before loses anything by it. Nobody gains anything either: what was taken away before the incident, or otherwise, is gone.
 */
export function openIncidents(incidents: readonly Incident[], { confirmedIncidents = [] }: Pick<SwitchState, 'confirmedIncidents'>): Incident[] {
  return incidents.filter(({ id }) => !confirmedIncidents.includes(id));
}

/** Whether the group was deleted in one of the incidents. */
export function isGroupHeld(incidents: readonly Incident[], row: Pick<GroupRow, 'name' | 'deletedAt' | 'cause'>): boolean {
  return incidents.some(incident => incident.kind === 'group-gone' && incident.group === row.name && isDeletionOf(incident, row));
}

/** Whether the membership went with its group, or with its user, in one of the incidents. `user`: the member's row. */
export function isMembershipHeld(
  incidents: readonly Incident[], row: Pick<MembershipRow, 'group' | 'deletedAt' | 'cause'>, user: Pick<UserRow, 'deletedAt' | 'cause'>,
): boolean {
  const ofUser = incidentOfUser(incidents, user);
  return (ofUser !== undefined && isDeletionOf(ofUser, row))
    || incidents.some(incident => incident.kind === 'group-gone' && incident.group === row.group && isDeletionOf(incident, row));
}
