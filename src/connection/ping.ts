import type { Outgoing } from '../contract/index.js';
import type { Awaiting } from '../protocol/awaiting.js';

/**
 * A heartbeat in flight. It is in the in-flight table like any request, so that its pong cannot be taken for another
 * answer.
 */
export class Ping implements Awaiting, Outgoing {
  readonly type = 'ping';
  readonly replyMode = 'whole';
  readonly isOwn = true;
  readonly #over: () => void;
  #id = '';
  #isWritten = false;

  /** @param over - Called once, when the pong came or never will. */
  constructor(over: () => void) {
    this.#over = over;
  }

  place(id: string): void {
    this.#id = id;
  }

  get isWritten(): boolean {
    return this.#isWritten;
  }

  commit(): string {
    this.#isWritten = true;
    return `{"type":"ping","request_id":"${this.#id}"}`;
  }

  answered(): void {
    this.#over();
  }

  failed(): void {
    this.#over();
  }

  chunk(): void {}

  ended(): void {
    this.#over();
  }
}
