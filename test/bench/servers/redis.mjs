/** A real Redis, which is written in C: ECHO is its own. It keeps nothing on disk. */
import { announce } from './announce.mjs';
import { startDaemon } from './daemon.mjs';

announce(
  await startDaemon('redis-server', (port) => [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]),
);
