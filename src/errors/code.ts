/** Lists every way in which a request can fail. `docs/errors.md` says what each code means and what to do. */
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

/** Names what went wrong, from the closed list {@link codes}. */
export type Code = (typeof codes)[number];

/**
 * Says whether the peer can have seen a failed request.
 *
 * - `not_sent`: no byte of it was handed to the socket; it is safe to try it elsewhere.
 * - `maybe_sent`: it was handed to the socket; the peer may have acted on it.
 * - `answered`: the peer answered it, and the answer is the failure.
 */
export type Delivery = 'not_sent' | 'maybe_sent' | 'answered';

/** Names the phase of a request's life in which it failed or its time ran out. */
export type Phase = 'queue' | 'connect' | 'first chunk' | 'idle' | 'total';
