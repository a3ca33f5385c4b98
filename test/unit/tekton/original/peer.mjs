/** A CI like the original's base specialist; a script contains its answers to chats. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Ends the connection, in a script. */
export const END = Symbol('end');

const signsOfLife = { ping: 'pong', health: 'health_response', info: 'info_response' };

/**
 * Serves on a free port of the loopback address.
 *
 * @param script - The lines of each answer, one list for each chat: texts unchanged, other values as JSON. The last entry is used for
 *   all chats after it. `END` ends the connection.
 * @returns its port, the received chats (without their `request_id`), `settle` and `close`.
 */
export async function servePeer(script) {
  const chats = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let rest = '';
    socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) answer(socket, JSON.parse(line));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function answer(socket, { request_id: _, ...message }) {
    const life = signsOfLife[message.type];
    if (life !== undefined) return socket.write(`{"type":"${life}"}\n`);
    chats.push(message);
    for (const line of script[Math.min(chats.length, script.length) - 1] ?? []) {
      if (line === END) socket.end();
      else socket.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    }
  }

  /** Waits until everything sent before has been read: sends two pings of its own after it. */
  async function settle() {
    for (let count = 0; count < 2; count += 1) {
      const socket = connect(server.address().port, '127.0.0.1').end('{"type":"ping"}\n');
      await once(socket, 'data');
      socket.destroy();
    }
  }

  async function close() {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }

  return { port: server.address().port, chats, settle, close };
}

/** Returns a port of the loopback address without a listener. */
export async function closedPort() {
  const peer = await servePeer([]);
  await peer.close();
  return peer.port;
}
