import type { Outgoing } from '../../../src/contract/index.js';

/** A reply with characters of one to four bytes. */
export const FRAME = { type: 'chat_response', content: 'xé€😀', n: 1 };

/** The same on the wire. */
export const LINE = Buffer.from(`${JSON.stringify(FRAME)}\n`);

/** A request that notes its commit. */
export function request(line: string, committed: string[]): Outgoing {
  return {
    commit: () => {
      committed.push(line);
      return line;
    },
  };
}
