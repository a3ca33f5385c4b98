/** A CI with costly connections: `node server.mjs MS` reads nothing from a new connection before that time is over. Prints its port. */
import net from 'node:net';
import { exitWithParent } from '../exit-with-parent.mjs';
import { answersTo } from '../servers/answers.mjs';
import { listen } from '../servers/listen.mjs';

const connectMs = Number(process.argv[2]);

const server = net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
  let tail = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const lines = (tail + bytes.latin1Slice()).split('\n');
    tail = lines.pop();
    let out = '';
    for (const line of lines) for (const answer of answersTo(line)) out += `${answer}\n`;
    if (out !== '') socket.write(out, 'latin1');
  });
  if (connectMs === 0) socket.resume();
  else setTimeout(() => socket.resume(), connectMs);
});

exitWithParent();
console.log(JSON.stringify({ port: await listen(server) }));
