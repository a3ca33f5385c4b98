import type { Outgoing } from '../../../../src/contract/index.js';
import type { Speech, Wire } from '../wire.js';

/** Returns the text with this number: all are different and equally long, with characters of one to four bytes. */
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

/** The first lines of a peer, with what they are to the sink, and how it encodes others. */
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

/** A request that records its commit. */
export function request(line: string, committed: string[]): Outgoing {
  return {
    commit: () => {
      committed.push(line);
      return line;
    },
  };
}
