/**
 * A CI that hangs up on bad lines: `node hanging-ci.mjs ordered|echoing`. It takes 2 ms for an answer; ordered, it answers the
 * lines of a connection one after the other and without ids. Prints its port.
 */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitWithParent } from '../exit-with-parent.mjs';
import { listen } from '../servers/listen.mjs';

const isEchoing = process.argv[2] === 'byId';
const SERVICE_MS = 2;
const LINE_BYTES = 4_096;
const DEPTH = 200;

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function depthOf(line) {
  let depth = 0;
  let deepest = 0;
  for (const character of line) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

async function answer(socket, line) {
  if (socket.destroyed) return;
  if (line.length > LINE_BYTES || depthOf(line) > DEPTH) return socket.resetAndDestroy();
  const message = parsed(line);
  if (!['chat', 'ping', 'health', 'info'].includes(message?.type)) return socket.destroy();
  const { type, content, poison, request_id } = message;
  const id = isEchoing ? { request_id } : {};
  if (type !== 'chat') {
    socket.write(`${JSON.stringify({ type: type === 'ping' ? 'pong' : `${type}_response`, ...id })}\n`);
    return;
  }
  await sleep(SERVICE_MS);
  if (poison) return socket.resetAndDestroy();
  if (!socket.destroyed) socket.write(`${JSON.stringify({ type: 'chat_response', content, ...id })}\n`);
}

const server = net.createServer({ noDelay: true }, (socket) => {
  let tail = '';
  let turn = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const lines = (tail + bytes.latin1Slice()).split('\n');
    tail = lines.pop();
    for (const line of lines) {
      if (isEchoing) answer(socket, line);
      else turn = turn.then(() => answer(socket, line));
    }
  });
});

exitWithParent();
console.log(JSON.stringify({ port: await listen(server) }));
