import type { CarriedCi, CarriedLine, CarriedTo, Limits, LineCarrier } from '../contract/index.js';
import { requestTooLarge } from '../errors/index.js';
import { ID_BYTES } from '../protocol/encode-request.js';
import { CarriedRequest } from '../request/carried-request.js';
import type { RequestTerms } from '../request/request-terms.js';
import { admit } from './admit.js';
import type { Ci } from './ci.js';
import type { FindCi } from './request-observable.js';
import type { Supervisor } from './supervisor.js';

/**
 * The limits of a CI that a proxy carries, unless its options set them. Without the proxy, each client had its own
 * connection: so the limit is high enough that few clients share one. A CI that was down is redialled as soon as a
 * dialling client would notice.
 *
 * @see `docs/decisions/0019-the-proxy-carries-lines.md`
 */
const carriedLimits = {
  maxConnections: 128,
  reconnectDelayMs: 10,
  maxReconnectDelayMs: 250,
} as const satisfies Partial<Limits>;

type Upkeep = Pick<Supervisor, 'keepUp' | 'upkeepOf'>;

/** Carries lines over a pool, for its proxy. */
export class PoolLineCarrier implements LineCarrier {
  readonly #find: FindCi;
  readonly #limits: Partial<Limits>;
  readonly #upkeep: Upkeep;

  /** @param given - The names of the options that the pool was given. They take precedence for all its CIs. */
  constructor(find: FindCi, given: ReadonlySet<string>, upkeep: Upkeep) {
    this.#find = find;
    this.#upkeep = upkeep;
    this.#limits = Object.fromEntries(Object.entries(carriedLimits).filter(([name]) => !given.has(name)));
  }

  carries(name: string): CarriedCi {
    const ci = this.#find(name);
    if (this.#upkeep.upkeepOf(name) !== 'carried') {
      this.#upkeep.keepUp([name], 'carried');
      ci.carry(this.#limitsOf(ci));
    }
    const find = this.#find;
    return {
      get isLinked() {
        return ci.isLinked;
      },
      carry: (line, to) => send(line, to, find(name)),
    };
  }

  #limitsOf({ limits, given }: Ci): Limits {
    const own = Object.entries(this.#limits).filter(([option]) => !given.has(option));
    return Object.freeze({ ...limits, ...Object.fromEntries(own) });
  }
}

function send(carried: CarriedLine, to: CarriedTo, ci: Ci): CarriedRequest {
  const line = sendable(carried, ci);
  const nowMs = ci.now();
  const request = new CarriedRequest(line, to, termsOf(line, ci.limits), ci, nowMs);
  admit(request, ci, nowMs, 'carry', line.text);
  return request;
}

/**
 * Checks a line's length. A line that an added id would make too long is marked to be sent unchanged.
 *
 * @throws ChoragusError `request_too_large`
 */
function sendable(line: CarriedLine, { name, limits: { maxRequestBytes } }: Ci): CarriedLine {
  const bytes = Buffer.byteLength(line.text);
  if (bytes > maxRequestBytes) throw requestTooLarge(bytes, maxRequestBytes, name);
  return line.id === undefined && bytes + ID_BYTES > maxRequestBytes ? { ...line, withId: undefined } : line;
}

/**
 * Returns the terms of a line. Any line may be answered by a stream, and its deadline, waiting included, is its
 * client's.
 */
function termsOf({ isStream }: CarriedLine, { requestTimeoutMs, streamTimeoutMs }: Limits): RequestTerms {
  return {
    replyMode: 'stream',
    deadlineMs: isStream ? streamTimeoutMs : requestTimeoutMs,
    connectTimeoutMs: Number.POSITIVE_INFINITY,
    firstChunkTimeoutMs: requestTimeoutMs,
    idleTimeoutMs: requestTimeoutMs,
    patienceMs: requestTimeoutMs,
    priority: 'normal',
    // The proxy decides whether the CI is down. Until then, it may only have closed its idle connections.
    whenDown: 'wait',
    signal: undefined,
  };
}
