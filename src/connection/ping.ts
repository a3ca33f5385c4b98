import type { Outgoing } from '../contract/index.js';
import type { Awaiting } from '../protocol/awaiting.js';

/** A heartbeat on its way: in the in-flight table like any request, so that its pong is nobody else's answer. */
export class Ping implements Awaiting, Outgoing {
  readonly type = 'ping';
  readonly replyMode = 'whole';
  readonly isOwn = true;
  readonly #over: () => void;
  #id = '';
  #isWritten = false;

  /** `over` is called once, when the pong came or never will. */
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
