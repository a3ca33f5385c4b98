import { openPool } from './choragus.mjs';

/** The same over WebSocket, to the server that `ws` uses. */
export const contender = {
  name: 'choragus-ws',
  package: 'choragus',
  server: 'ws',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'broadcast 18', 'broadcast 1000', 'idle memory'],
  note: 'the same over WebSocket (`ws://`), to the server that `ws` talks to; a message is a write, as ws has it',
  open: (target) => openPool({ ...target, scheme: 'ws' }),
};
