/** Does what `nc` and `socat` do, also `nc -N`: writes lines, and keeps the received bytes. */
import { connect } from 'node:net';

const LINES = [
  '{"type":"chat","content":"Plain?"}',
  '{"type":"chat","content":"A number for an id?","request_id":12345678901234567890}',
  '{ "request_id" : {"a":[1.0,-0.0]},  "content" : "An object for an id?", "type" : "chat" }',
  '{"type":"review","depth":1e400,"big":9007199254740993,"request_id":null}',
  '{"type":"message","content":"x","request_id":"\\u00e9"}',
  '{"type":"chat","content":""}',
  '{"type":"chat"',
  '{"type":"ping"}',
  '{"type":"info"}',
  '{"type":"chat","content":"[[odd]]?"}',
];
const UNTERMINATED = '{"type":"chat","content":"The last line, without a newline?"}';

/** Opens a connection for each item, and reads until every line is answered. An item without a text sends the lines above. */
async function rawLines(world, task) {
  return askAll(world, task, (text) => ({ lines: text ? [chat(text)] : LINES, ending: '\n' }));
}

/** The same, but the client ends its side at once, after a line without a newline. It reads until the CI ends, too. */
async function halfClosed(world, task) {
  return askAll(world, task, () => ({ lines: [...LINES, UNTERMINATED], ending: '', isHalfClosed: true }));
}

export const rawPrograms = { 'raw lines': rawLines, 'raw lines, half-closed': halfClosed };

const chat = (text) => JSON.stringify({ type: 'chat', content: text });

async function askAll({ ports }, { asks, timeout }, what) {
  const outcomes = asks.map(({ ci, text }) => exchange(ports[ci], what(text), timeout * 1_000));
  return (await Promise.all(outcomes)).flat();
}

/** An outcome for each received line, and one for the end: `all` or `end`, an error's code, or `silence` after the timeout. */
function exchange(port, { lines: sent, ending, isHalfClosed = false }, timeoutMs) {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const finish = (how) => {
      clearTimeout(timer);
      socket.destroy();
      const lines = received.split('\n');
      const rest = lines.pop();
      const outcomes = lines.map((line) => ({ ok: true, line }));
      if (rest !== '') outcomes.push({ ok: false, unterminated: rest });
      resolve([...outcomes, { ok: lines.length === sent.length, end: how }]);
    };
    const timer = setTimeout(() => finish('silence'), timeoutMs);
    socket.setEncoding('utf8').on('data', (text) => {
      received += text;
      if (!isHalfClosed && received.split('\n').length > sent.length) finish('all');
    });
    socket.once('end', () => finish('end'));
    socket.once('error', ({ code }) => finish(code));
    socket.write(sent.join('\n') + ending);
    if (isHalfClosed) socket.end();
  });
}
