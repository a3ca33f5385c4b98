/** Reasons of events that carry none, if it is not their type. A timer's event is matched by the beginning of its name. */
const reasons: readonly (readonly [event: string, reason: string])[] = [
  ['hurry', 'asked_for'],
  ['link.up', 'link_up'],
  ['link.suspect', 'requests_failing'],
  ['heartbeat.answered', 'heartbeat_answered'],
  ['heartbeat.missed', 'heartbeat_missed'],
  ['request.failed', 'requests_failing'],
  ['request.succeeded', 'requests_succeeding'],
  ['xstate.after.connectTimeout', 'connect_timeout'],
  ['xstate.after.backoff.connection.resting', 'kept_up'],
  ['xstate.after.backoff', 'backoff_over'],
  ['xstate.error.actor.link', 'link_failed'],
  ['xstate.error.actor.heartbeat', 'heartbeat_failed'],
];

/** Returns why a state was entered, for people: the event's reason, or one for its type. No decision depends on it. */
export function reasonOf(
  event: { readonly type: string; readonly reason?: string; readonly how?: string },
  state: string,
): string {
  if (state === 'closed' && event.how === 'out_of_step') return 'out_of_step';
  if (event.reason !== undefined) return event.reason;
  // Only the end of a backoff leads there without a reason.
  if (state === 'idle') return 'unwanted';
  return reasons.find(([name]) => event.type.startsWith(name))?.[1] ?? event.type;
}
