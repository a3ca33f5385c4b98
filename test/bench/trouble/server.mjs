/**
 * The CIs that make trouble, in a separate process: one port each for those that hang, that flap, that come in
 * crowds, that stream at full rate, and that answer with 16 MiB.
 */
import net from 'node:net';
import { constants, setPriority } from 'node:os';
import { exitWithParent } from '../exit-with-parent.mjs';
import { listen } from '../servers/listen.mjs';

const FLAP_MS = 50;
const BIG_BYTES = 16 * 2 ** 20 - 1_024;
const CHUNKS_A_WRITE = 200;
const big = 'x'.repeat(BIG_BYTES);

/** A server that calls `serve` with each request and its socket. */
function ci(serve, opened = () => {}) {
  return listen(
    net.createServer({ noDelay: true }, (socket) => {
      let tail = '';
      opened(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        const lines = (tail + bytes.toString()).split('\n');
        tail = lines.pop();
        for (const line of lines) serve(JSON.parse(line), socket);
      });
    }),
  );
}

/** Writes chunks as long as the socket lives, as fast as it accepts them. */
function streamForever({ request_id }, socket) {
  const chunk = `${JSON.stringify({ type: 'stream_chunk', request_id, content: 'twenty bytes of text' })}\n`;
  const burst = chunk.repeat(CHUNKS_A_WRITE);
  const write = () => {
    while (!socket.destroyed && socket.write(burst));
  };
  socket.on('drain', write);
  write();
}

function answerBig({ request_id }, socket) {
  socket.write(`${JSON.stringify({ type: 'chat_response', content: big, request_id })}\n`);
}

exitWithParent();
// It shares a core with the server of the healthy CIs, whose answers must not wait for it: the benchmark measures the pool.
setPriority(constants.priority.PRIORITY_LOW);
const ports = {
  hang: await ci(() => {}),
  flap: await ci(
    () => {},
    (socket) => setTimeout(() => socket.destroy(), FLAP_MS),
  ),
  crowd: await ci(() => {}),
  stream: await ci(streamForever),
  big: await ci(answerBig),
};
console.log(JSON.stringify(ports));
