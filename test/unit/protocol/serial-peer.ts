import type { Frame } from '../../../src/contract/index.js';

/**
 * What a serial peer may do wrong:
 * - `again`: an answer is said once more, at any time later;
 * - `stray`: a line that answers nothing, before or after an answer;
 * - `error first`: an error, and the answer behind it, at once or at any time later;
 * - `lost`: no answer;
 * - `proof again`: the answer to a probe is said once more, at once.
 */
export type Fault = 'again' | 'stray' | 'error first' | 'lost' | 'proof again';

interface Line {
  readonly type: string;
  /** Names the request in its answer; none for a probe. */
  readonly token?: string;
}

/** A peer that answers one line after the other, never with an id, and now and then not as it should. Each answer carries the token of its request. */
export class SerialPeer {
  readonly #faults: readonly Fault[];
  readonly #heard: Line[] = [];
  /** What it is about to say. */
  #saying: Frame[] = [];
  /** What it has yet to say at some time. */
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

  /** The next frame, as chance (any whole number) has it; `undefined` when it has nothing to say. */
  speak(chance: number): Frame | undefined {
    if (this.#saying.length === 0) {
      const line = this.#heard.shift();
      if (line !== undefined) this.#saying = this.#answer(line, chance);
    }
    return this.#saying.shift();
  }

  /** Something that it should have said before, or not at all. */
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
