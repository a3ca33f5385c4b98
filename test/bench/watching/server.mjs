/**
 * The CIs of a watched fleet: all answer, and some of their links are cut all the time, or with the argument `quiet` none. One port
 * for all.
 */
import net from 'node:net';
import { exitWithParent } from '../exit-with-parent.mjs';
import { answersTo } from '../servers/answers.mjs';
import { listen } from '../servers/listen.mjs';

/** Each cut causes three state changes: lost, dialling, up. */
const CUTS_A_SECOND = 13;
const sockets = new Set();

const server = net.createServer({ noDelay: true }, (socket) => {
  let tail = '';
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const lines = (tail + bytes.latin1Slice()).split('\n');
    tail = lines.pop();
    let out = '';
    for (const line of lines) for (const answer of answersTo(line)) out += `${answer}\n`;
    if (out !== '') socket.write(out, 'latin1');
  });
});

exitWithParent();
const port = await listen(server);
console.log(JSON.stringify({ port }));
if (process.argv[2] !== 'quiet') setInterval(cutOne, 1_000 / CUTS_A_SECOND);

function cutOne() {
  const all = [...sockets];
  all[Math.floor(Math.random() * all.length)]?.destroy();
}
