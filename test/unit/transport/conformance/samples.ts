import type { Outgoing } from '../../../../src/contract/index.js';
import type { Speech, Wire } from '../wire.js';

/** The text with this number: no two are alike, all are as long, and the characters are of one to four bytes. */
export function textOf(number: number): string {
  return `xé€😀 ${String(number).padStart(3, '0')}`;
}

const frameOf = (number: number) => ({ type: 'chat_response', content: textOf(number), n: 1 });

/** A frame a line, as on most wires. */
const plain: Speech = {
  json: (number) => JSON.stringify(frameOf(number)),
  line: (text) => `${text}\n`,
  frame: frameOf,
};

/** The first lines that a peer says and what they are to the sink; and how it says other things. */
export function samplesOf(wire: Wire) {
  const { json, line: lineOf, frame } = wire.speech ?? plain;
  const lineAt = (number: number): Buffer => Buffer.from(lineOf(json(number)));
  return {
    line: lineAt(0),
    lineAt,
    lineOf,
    frames: (count: number) => Array.from({ length: count }, (_, number) => frame(number)),
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
