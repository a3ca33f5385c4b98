import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ODD_TEXT = 'Ωδή 🎶 "quoted" \\ \t \u2028 \u0000 1e400 </s>';

/**
 * Serves Ollama's `/api/generate`, directly and as an HTTP proxy, for the CIs of one world. The answer depends only on the model and
 * the question. A question may contain a command: `[[slow=1500]]` in ms, `[[hang]]`, `[[long=50000]]` characters, `[[odd]]` characters,
 * `[[status=500]]`.
 *
 * @returns `port`; `takeQuestions`, which returns the questions since the last call, sorted; `untilAsked` and `untilQuiet`, which
 *   wait; `close`.
 */
export async function startModelServer() {
  const questions = [];
  let lastMs = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const { model, prompt } = JSON.parse(body);
    const question = prompt.slice(prompt.lastIndexOf('\n\nUser: ') + 8, -'\n\nAssistant:'.length);
    lastMs = performance.now();
    questions.push(`${model}: ${question}`);
    if (question.includes('[[hang]]')) return;
    const timer = setTimeout(() => answer(response, model, question), numberIn(question, 'slow'));
    response.on('close', () => clearTimeout(timer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    takeQuestions: () => questions.splice(0).sort(),
    /** Waits until a model has received this many questions since the last call of `takeQuestions`. */
    untilAsked: async (model, count) => {
      while (questions.filter((question) => question.startsWith(`${model}: `)).length < count) await sleep(50);
    },
    /** Waits until no question came for `ms`. */
    untilQuiet: async (ms) => {
      lastMs = performance.now();
      while (performance.now() - lastMs < ms) await sleep(50);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(response, model, question) {
  const status = numberIn(question, 'status') || 200;
  const odd = question.includes('[[odd]]') ? ODD_TEXT : '';
  const text = `${model} heard: ${question}${odd}`.padEnd(numberIn(question, 'long'), '.');
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ model, response: text, done: true }));
}

function numberIn(question, directive) {
  return Number(question.match(new RegExp(`\\[\\[${directive}=(\\d+)\\]\\]`))?.[1] ?? 0);
}
