/** Source of every event that this library puts on a bus: rules match by it. */
export const EVENT_SOURCE = 'cognito-dr-replica';
