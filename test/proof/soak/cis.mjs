/**
 * The CIs of the soak, in a separate process: each has another correlation, and all fail all the time. The result of
 * each request is random: an answer, a late one, none at all, a reset. Now and then a CI is killed and comes back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NEVER } from 'rxjs';
import { serveCi } from '../../../dist/src/index.js';
import { scriptedCi } from '../../../dist/src/testing/index.js';

const manners = [
  { id: 'byId', correlation: 'byId', streaming: 'frames' },
  { id: 'ordered', correlation: 'ordered', streaming: 'none' },
  { id: 'streaming', correlation: 'ordered', streaming: 'frames' },
  { id: 'legacy', correlation: 'byId', streaming: 'legacy' },
];
/** How long a CI is up and down, on average, in ms. */
const LIFE_MS = 3_000;
const AWAY_MS = 300;

/** Of a hundred requests, this many hang for ever, and this many are answered only after their deadline. */
const HANGS = 2;
const LATE = 6;

function handler({ content, isStream }) {
  const fate = Math.random() * 100;
  if (fate < HANGS) return NEVER;
  const delayMs = fate < HANGS + LATE ? 500 : Math.random() * 20;
  return isStream ? pieces(content, delayMs) : sleep(delayMs, `re ${content}`, { ref: false });
}

async function* pieces(content, delayMs) {
  await sleep(delayMs);
  for (let piece = 0; piece < 5; piece += 1) {
    yield `${content}:${piece} `;
    await sleep(Math.random() * 4);
  }
}

/** Answers, resets, closes, repeats itself, or sends unexpected lines. */
function misbehave(request) {
  const fate = Math.random() * 100;
  if (fate < 4) request.connection.reset();
  else if (fate < 8) request.connection.close();
  else if (fate < 12) request.replyText('{"type":"chat_resp');
  else if (fate < 16) request.reply({ type: 'chat_response', content: 'stray', request_id: 'not yours' });
  else {
    request.reply(`re ${request.message.content}`);
    if (fate < 30) request.reply(`re ${request.message.content}`);
  }
}

const starts = [
  ...manners.map((options) => (listen) => serveCi({ ...options, handler, listen })),
  (listen) => scriptedCi({ id: 'broken', script: misbehave, listen }),
];

/** Listens again on its port; another process may hold it for a moment. */
async function listenAgain(start, port) {
  for (;;) {
    try {
      return await start({ port, host: '127.0.0.1' });
    } catch {
      await sleep(50);
    }
  }
}

async function liveAndDie(ci, start) {
  const { port } = ci;
  for (let life = ci; ; life = await listenAgain(start, port)) {
    await sleep(LIFE_MS * 2 * Math.random());
    await life.close();
    await sleep(AWAY_MS * 2 * Math.random());
  }
}

const cis = await Promise.all(starts.map((start) => start({ port: 0, host: '127.0.0.1' })));
process.send({ cis: Object.fromEntries(cis.map(({ id, url }) => [id, url])) });
process.once('disconnect', () => process.exit(0));
for (const [index, ci] of cis.entries()) void liveAndDie(ci, starts[index]);
