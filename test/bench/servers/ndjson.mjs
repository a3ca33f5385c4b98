/**
 * The CI of the benchmark, for the limit and for Choragus: an echo of one JSON object a line over TCP. Its first port
 * echoes the `request_id`; the second answers in order, without ids. All answers to what one data event brought leave
 * in one write. Bytes pass through as latin1, which is right for any content and costs no transcoding.
 */
import net from 'node:net';
import { announce } from './announce.mjs';
import { answersTo } from './answers.mjs';
import { listen } from './listen.mjs';

const ID = ',"request_id":';

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

/** A request's id is its last field; without it, the answer has none either. */
function withoutId(line) {
  const at = line.lastIndexOf(ID);
  return at === -1 ? line : `${line.slice(0, at)}}`;
}

const port = await listen(serve(answersTo));
const fifoPort = await listen(serve((line) => answersTo(withoutId(line))));
announce({ port, fifoPort });
