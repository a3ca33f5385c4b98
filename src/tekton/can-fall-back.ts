import { ChoragusError, type Code } from '../errors/index.js';

// The pool cannot serve now, but another connection may. The other codes would fail there, too (too large, bad options),
// or are what the caller wanted (cancelled) or allowed (deadline).
const causes: ReadonlySet<Code> = new Set<Code>(['unavailable', 'overloaded', 'closed']);

/**
 * Whether a failed request may go over a direct connection: only if the pool could not serve it, and no byte of it can
 * have reached the CI.
 *
 * @internal
 */
export function canFallBack(error: unknown): error is ChoragusError {
  return error instanceof ChoragusError && error.delivery === 'not_sent' && causes.has(error.code);
}
