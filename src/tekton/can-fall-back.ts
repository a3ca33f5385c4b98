import { ChoragusError, type Code } from '../errors/index.js';

// Codes that say "this pool, now": the same request over another connection can succeed. The others would fail there,
// too (too large, bad options), or are the caller's own wish (cancelled) or limit (deadline).
const causes: ReadonlySet<Code> = new Set<Code>(['unavailable', 'overloaded', 'closed']);

/**
 * Whether a request that the pool failed may go over a direct connection: only when the pool could not serve,
 * and not one byte of it can have reached the CI.
 *
 * @internal
 */
export function canFallBack(error: unknown): error is ChoragusError {
  return error instanceof ChoragusError && error.delivery === 'not_sent' && causes.has(error.code);
}
