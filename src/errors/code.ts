/** All ways in which a request can fail. `docs/errors.md` says what each means and what to do. */
export const codes = [
  'deadline_exceeded',
  'unavailable',
  'connection_lost',
  'ci_error',
  'protocol_error',
  'request_too_large',
  'reply_too_large',
  'overloaded',
  'cancelled',
  'closed',
  'unknown_ci',
  'already_sent',
  'invalid_config',
] as const;

/** The closed list of error codes. */
export type Code = (typeof codes)[number];

/**
 * How far a failed request got on its way to the peer.
 *
 * - `not_sent`: no byte of it was written to the socket; it is safe to try it elsewhere.
 * - `maybe_sent`: it was written to the socket; the peer may have acted on it.
 * - `answered`: the peer answered it, and the answer is the failure.
 */
export type Delivery = 'not_sent' | 'maybe_sent' | 'answered';

/** The phase in which a request ran out of time, or failed. */
export type Phase = 'queue' | 'connect' | 'first chunk' | 'idle' | 'total';
