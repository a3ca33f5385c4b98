import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Priority } from '../contract/index.js';
import { Refusal } from './refusal.js';
import type { Key, KeyRights } from './settings.js';

const MINUTE_MS = 60_000;

/** Who sent a request, and what it may still do. */
export class Client {
  readonly priority: Priority;
  readonly #cis: ReadonlySet<string> | undefined;
  readonly #maxInFlight: number;
  readonly #perMinute: number;
  #inFlight = 0;
  /** When all requests so far are paid off, at the permitted rate; the generic cell rate algorithm, ITU-T I.371. */
  #paidMs = 0;

  constructor({ cis, priority = 'normal', maxInFlight, requestsPerMinute }: KeyRights = {}) {
    this.priority = priority;
    this.#cis = cis === undefined ? undefined : new Set(cis);
    this.#maxInFlight = maxInFlight ?? Number.POSITIVE_INFINITY;
    this.#perMinute = requestsPerMinute ?? Number.POSITIVE_INFINITY;
  }

  /** Returns whether it may ask a CI, and see it in lists. */
  mayAsk(ci: string): boolean {
    return this.#cis === undefined || this.#cis.has(ci);
  }

  /** Counts a request. The returned function ends it. @throws Refusal if there are too many */
  enter(nowMs: number): () => void {
    if (this.#inFlight >= this.#maxInFlight) {
      const message = `this key has ${this.#inFlight} requests under way, as many as it may`;
      throw new Refusal(429, 'rate_limited', message, { retryAfterMs: 1_000 });
    }
    this.#pay(nowMs);
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
    };
  }

  #pay(nowMs: number): void {
    if (this.#perMinute === Number.POSITIVE_INFINITY) return;
    const cost = MINUTE_MS / this.#perMinute;
    const paid = Math.max(this.#paidMs, nowMs) + cost;
    const early = paid - nowMs - MINUTE_MS;
    // A small excess comes of adding fractions.
    if (early > 1e-6) {
      const message = `this key may send ${this.#perMinute} requests in a minute`;
      throw new Refusal(429, 'rate_limited', message, { retryAfterMs: Math.ceil(early) });
    }
    this.#paidMs = paid;
  }
}

/** Decides who may use a gateway. */
export class Access {
  /** Stands for those who use routes that need no key. */
  readonly stranger = new Client();
  readonly #anyone: Client | undefined;
  readonly #holders: readonly { readonly digest: Buffer; readonly client: Client }[];
  readonly #origins: ReadonlySet<string>;

  constructor(keys: readonly Key[] | undefined, cors: readonly string[]) {
    this.#anyone = keys === undefined ? new Client() : undefined;
    this.#holders = (keys ?? []).map(({ secret, ...rights }) => ({
      digest: digestOf(secret),
      client: new Client(rights),
    }));
    this.#origins = new Set(cors.map((origin) => origin.toLowerCase()));
  }

  /** Returns who sent a request. @throws Refusal for a key that is missing or wrong */
  clientOf({ headers }: IncomingMessage): Client {
    if (this.#anyone !== undefined) return this.#anyone;
    const given = keyIn(headers);
    const client = given === undefined ? undefined : this.#holderOf(given);
    if (client !== undefined) return client;
    const message =
      given === undefined ? 'the key is missing: send it as "Authorization: Bearer …"' : 'the key is wrong';
    throw new Refusal(401, 'unauthorized', message);
  }

  /** Compares a key with all keys, whichever fits: the time tells nothing about them. */
  #holderOf(given: string): Client | undefined {
    const digest = digestOf(given);
    let found: Client | undefined;
    for (const { digest: own, client } of this.#holders) {
      if (timingSafeEqual(digest, own)) found = client;
    }
    return found;
  }

  /** Returns whether a page of this origin may use the gateway. A request without an origin comes from no page. */
  permits(origin: string | undefined): boolean {
    return origin === undefined || this.#origins.has('*') || this.#origins.has(origin.toLowerCase());
  }
}

/** Returns the key of a request: `Authorization: Bearer …`, or the header that clients of Azure and Anthropic send. */
function keyIn(headers: IncomingMessage['headers']): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const other = headers['x-api-key'] ?? headers['api-key'];
  return bearer ?? (typeof other === 'string' ? other : undefined);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
