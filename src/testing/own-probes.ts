import { replyTypeOf } from '../server/answers.js';

/** Matches a probe of a pool: a message with one of these types and no other field. */
const probe = /^\{"type":"(ping|health|info)"\}$/;

/** Answers a pool's probes, so that scripts need not. Answers each probe after the requests before it. */
export class OwnProbes {
  readonly #aiId: string;
  readonly #send: (line: string) => void;
  /** Requests without an answer, and the types of probes, in the order of their lines. */
  readonly #open: (object | string)[] = [];

  constructor(aiId: string, send: (line: string) => void) {
    this.#aiId = aiId;
    this.#send = send;
  }

  /** Handles a line if it is a probe. Returns true if it is one. */
  take(line: string): boolean {
    const type = probe.exec(line)?.[1];
    if (type === undefined) return false;
    this.#open.push(type);
    this.#answer();
    return true;
  }

  /** Adds a request that the script will answer. */
  add(request: object): void {
    this.#open.push(request);
  }

  /** Removes an answered request, and answers the probes behind it. */
  settle(request: object): void {
    const index = this.#open.indexOf(request);
    if (index !== -1) this.#open.splice(index, 1);
    this.#answer();
  }

  #answer(): void {
    while (typeof this.#open[0] === 'string') {
      const type = replyTypeOf(this.#open.shift());
      this.#send(`${JSON.stringify({ type, ai_id: this.#aiId, timestamp: Date.now() / 1_000 })}\n`);
    }
  }
}
