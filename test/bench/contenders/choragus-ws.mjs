import { openPool } from './choragus.mjs';

/** The same over WebSocket, to the server that `ws` uses. */
export const contender = {
  name: 'choragus-ws',
  package: 'choragus',
  server: 'ws',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'broadcast 18', 'broadcast 1000', 'idle memory'],
  note: 'choragus over WebSocket (`ws://`), with the same server as `ws`. Each message is a write of its own, as in ws',
  open: (target) => openPool({ ...target, scheme: 'ws' }),
};
