import { replyTypeOf } from '../server/answers.js';

/** A probe of a pool: a message of these types, and nothing else in it. */
const probe = /^\{"type":"(ping|health|info)"\}$/;

/** Answers a pool's probes in a script's place, each behind the answers that its connection owes before it. */
export class OwnProbes {
  readonly #aiId: string;
  readonly #send: (line: string) => void;
  /** In the order of their lines: requests without an answer, and the types of probes. */
  readonly #owed: (object | string)[] = [];

  constructor(aiId: string, send: (line: string) => void) {
    this.#aiId = aiId;
    this.#send = send;
  }

  /** Takes a line if it is a probe, and returns whether it is. */
  take(line: string): boolean {
    const type = probe.exec(line)?.[1];
    if (type === undefined) return false;
    this.#owed.push(type);
    this.#answer();
    return true;
  }

  /** A request came, and is to be answered. */
  add(request: object): void {
    this.#owed.push(request);
  }

  /** A request was answered. */
  settle(request: object): void {
    const index = this.#owed.indexOf(request);
    if (index !== -1) this.#owed.splice(index, 1);
    this.#answer();
  }

  #answer(): void {
    while (typeof this.#owed[0] === 'string') {
      const type = replyTypeOf(this.#owed.shift());
      this.#send(`${JSON.stringify({ type, ai_id: this.#aiId, timestamp: Date.now() / 1_000 })}\n`);
    }
  }
}
