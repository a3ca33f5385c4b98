/**
 * The CI of the benchmark, for the limit and for Choragus: an echo of one JSON object a line over TCP. Its first port
 * echoes the `request_id`; the second answers in order, without ids. All answers to one data event leave
 * in one write. The other two ports do the same with 2 ms of work for each chat: a connection's lines wait for each other, as with
 * the original's specialists, and connections do not. Bytes pass through as latin1, which is right for any content and costs no transcoding.
 */
import net from 'node:net';
import { announce } from './announce.mjs';
import { answersTo } from './answers.mjs';
import { listen } from './listen.mjs';

const ID = ',"request_id":';
const CHAT = '{"type":"chat"';
const WORK_MS = 2;

function serve(answers) {
  return net.createServer({ noDelay: true }, (socket) => {
    let tail = '';
    socket.on('data', (bytes) => {
      const text = tail + bytes.latin1Slice(0, bytes.length);
      let out = '';
      let from = 0;
      for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
        for (const answer of answers(text.slice(from, to))) out += `${answer}\n`;
        from = to + 1;
      }
      tail = text.slice(from);
      if (out !== '') socket.write(out, 'latin1');
    });
    socket.on('error', () => socket.destroy());
  });
}

/** The same, with work: the lines of a connection one after the other. */
function serveWithWork(answers) {
  return net.createServer({ noDelay: true }, (socket) => {
    const waiting = [];
    let tail = '';
    let isWorking = false;
    const next = (out) => {
      isWorking = false;
      while (waiting.length > 0 && !isWorking) {
        const line = waiting.shift();
        const answer = `${answers(line).join('\n')}\n`;
        if (line.startsWith(CHAT)) {
          isWorking = true;
          setTimeout(() => next(answer), WORK_MS);
        } else out += answer;
      }
      if (out !== '' && !socket.destroyed) socket.write(out, 'latin1');
    };
    socket.on('data', (bytes) => {
      const lines = (tail + bytes.latin1Slice(0, bytes.length)).split('\n');
      tail = lines.pop();
      waiting.push(...lines);
      if (!isWorking) next('');
    });
    socket.on('error', () => socket.destroy());
  });
}

/** A request's id is its last field; without it, the answer has none either. */
function withoutId(line) {
  const at = line.lastIndexOf(ID);
  return at === -1 ? line : `${line.slice(0, at)}}`;
}

const withoutIds = (line) => answersTo(withoutId(line));
announce({
  port: await listen(serve(answersTo)),
  fifoPort: await listen(serve(withoutIds)),
  workPort: await listen(serveWithWork(answersTo)),
  workFifoPort: await listen(serveWithWork(withoutIds)),
});
