import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort, startPeer } from '../start-peer.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Starts `socat` with a `sed` for each connection. `idleS`: closes after this many seconds of silence; `after`: after this many lines. */
export async function startSocat({ ids, idleS, after }) {
  const port = await freePort();
  const sed = ['sed -u -f answer.sed', ...(ids ? [] : ['-f no-ids.sed']), ...(after ? [`-e ${after}q`] : [])];
  const args = [
    ...(idleS ? ['-T', String(idleS)] : []),
    `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`,
    `EXEC:${sed.join(' ')}`,
  ];
  return start({ name: `socat-${port}`, command: 'socat', args, port });
}

/** Starts a Python server. `after`: closes after this many answers to `counted` (`lines` or `chats`); 0 means never. */
export async function startPython({ kind, ids, after = 0, counted = 'lines', port }) {
  const at = port ?? (await freePort());
  const args = ['peer.py', kind, String(at), String(after), counted, ids ? 'ids' : 'no-ids'];
  const peer = await start({ name: `${kind}-${at}`, command: 'python3', args, port: at });
  return { ...peer, listeningMs: Number(/listening ([\d.]+)/.exec(peer.readLog())?.[1]) };
}

/** The last start: one after the other, since a machine that starts ten programs at once serves none of them in time. */
let starting = Promise.resolve();

function start({ name, command, args, port }) {
  const begin = () => startPeer({ name, command, args, cwd: here, isUp: () => isListening(port) });
  const peer = starting.then(begin);
  starting = peer.catch(() => {});
  return peer.then((started) => ({ ...started, port, url: `tcp://127.0.0.1:${port}` }));
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
