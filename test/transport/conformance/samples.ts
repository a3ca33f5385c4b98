import type { Outgoing } from '../../../src/contract/index.js';
import type { Speech, Wire } from '../wire.js';

/** Characters of one to four bytes. */
export const SAMPLE_TEXT = 'xé€😀';

const FRAME = { type: 'chat_response', content: SAMPLE_TEXT, n: 1 };

/** A frame a line, as on most wires. */
const plain: Speech = { json: JSON.stringify(FRAME), line: (text) => `${text}\n`, frame: () => FRAME };

/** What a peer says, how it says other things, and what the first ones of it are to a sink. */
export function samplesOf(wire: Wire) {
  const { json, line, frame } = wire.speech ?? plain;
  return {
    line: Buffer.from(line(json)),
    lineOf: line,
    frames: (count: number) => Array.from({ length: count }, (_, n) => frame(n)),
  };
}

/** A request that any wire carries. */
export function chat(content: string | number): string {
  return JSON.stringify({ type: 'chat', content: String(content) });
}

/** A request that notes its commit. */
export function request(line: string, committed: string[]): Outgoing {
  return {
    commit: () => {
      committed.push(line);
      return line;
    },
  };
}
