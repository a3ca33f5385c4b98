import type { TraceCarrier } from '../contract/index.js';

/** The largest `tracestate` that is sent or read, in characters: what W3C asks everybody to carry. */
const MAX_STATE = 512;
const MAX_MEMBERS = 32;

/** Version, trace id, parent id and flags. Ids of zeros and version `ff` are invalid. */
const PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
/** One `name=value` of a `tracestate`: printable ASCII, so it can break neither a line nor a header. */
const MEMBER =
  /^[\da-z][\d_a-z*/-]{0,255}(?:@[a-z][\d_a-z*/-]{0,13})?=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Copies a carrier out of an unchecked value. Returns undefined without a valid `traceparent`. Leaves out an invalid
 * `tracestate`, as W3C asks.
 */
export function readCarrier(value: unknown): TraceCarrier | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const { traceparent, tracestate } = value as Partial<Record<keyof TraceCarrier, unknown>>;
    if (typeof traceparent !== 'string' || !PARENT.test(traceparent)) return undefined;
    return isState(tracestate) ? { traceparent, tracestate } : { traceparent };
  } catch {
    // A getter, or a proxy.
    return undefined;
  }
}

/** Returns a carrier as a member of a JSON object, with a comma before it. */
export function metaOf(carrier: TraceCarrier): string {
  return `,"_meta":${JSON.stringify(carrier)}`;
}

function isState(state: unknown): state is string {
  if (typeof state !== 'string' || state === '' || state.length > MAX_STATE) return false;
  // Empty members are allowed.
  const members = state.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''));
  const named = members.filter((member) => member !== '');
  return !state.includes('\t') && named.length > 0 && named.length <= MAX_MEMBERS && named.every(isMember);
}

function isMember(member: string): boolean {
  return MEMBER.test(member);
}
