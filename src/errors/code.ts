/** Every way in which a request can fail. `docs/errors.md` says what each means and what to do about it. */
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
 * What is known of a failed request's way to the peer.
 *
 * - `not_sent`: not one byte of it was handed to the socket; trying it elsewhere is safe.
 * - `maybe_sent`: it was handed to the socket; the peer may have acted on it.
 * - `answered`: the peer answered it, and the answer is the failure.
 */
export type Delivery = 'not_sent' | 'maybe_sent' | 'answered';

/** The phase of a request's life in which its time ran out, or in which it failed. */
export type Phase = 'queue' | 'connect' | 'first chunk' | 'idle' | 'total';
