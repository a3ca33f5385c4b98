import type { Frame } from '../../../src/contract/index.js';

/**
 * Faults of a serial peer:
 * - `again`: it repeats an answer at any later time;
 * - `stray`: it sends a line that answers nothing, before or after an answer;
 * - `error first`: it sends an error, and the answer after it, at once or later;
 * - `lost`: it sends no answer;
 * - `proof again`: it repeats the answer to a probe at once.
 */
export type Fault = 'again' | 'stray' | 'error first' | 'lost' | 'proof again';

interface Line {
  readonly type: string;
  /** Names the request in its answer; empty for a probe. */
  readonly token?: string;
}

/**
 * A peer that answers one line after the other, never with an id, and sometimes with a fault. Each answer carries the token of its
 * request.
 */
export class SerialPeer {
  readonly #faults: readonly Fault[];
  readonly #heard: Line[] = [];
  /** Frames to send next. */
  #saying: Frame[] = [];
  /** Frames to send at some later time. */
  readonly #later: Frame[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  hear(line: Line): void {
    this.#heard.push(line);
  }

  get isIdle(): boolean {
    return this.#heard.length + this.#saying.length === 0;
  }

  /** Returns the next frame, chosen by any whole number; `undefined` if it has nothing to send. */
  speak(chance: number): Frame | undefined {
    if (this.#saying.length === 0) {
      const line = this.#heard.shift();
      if (line !== undefined) this.#saying = this.#answer(line, chance);
    }
    return this.#saying.shift();
  }

  /** A frame that it should have sent before, or not at all. */
  speakLate(chance: number): Frame | undefined {
    const index = chance % Math.max(this.#later.length, 1);
    return this.#later.splice(index, 1)[0];
  }

  #answer({ type, token }: Line, chance: number): Frame[] {
    const fault = chance % 6 === 0 ? this.#faults[Math.floor(chance / 6) % this.#faults.length] : undefined;
    const isAtOnce = chance % 4 < 2;
    const answer: Frame = { type: answerTypes[type], content: token, token };
    if (token === undefined) return fault === 'proof again' ? [answer, answer] : [answer];
    if (fault === 'lost') return [];
    if (fault === 'stray') {
      const stray: Frame = { type: 'chat_response', content: 'stray', token: 'stray' };
      return isAtOnce ? [stray, answer] : [answer, stray];
    }
    if (fault === 'error first') {
      const error: Frame = { type: 'error', error: token, token };
      if (isAtOnce) return [error, answer];
      this.#later.push(answer);
      return [error];
    }
    if (fault === 'again') this.#later.push(answer);
    return [answer];
  }
}

const answerTypes: Readonly<Record<string, string>> = {
  chat: 'chat_response',
  analyse: 'response',
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};
