/**
 * The program of a CI process, as text: it serves one CI from the built server, and writes each request that it executes
 * to its ledger before it answers. The write is synchronous, so the line survives a SIGKILL.
 *
 * Its arguments: the server module, the CI's id, its port, its correlation, the path of its ledger, the parent's pid.
 * The text of a request decides its result: `…/fail` gets an error, `…/hold` is answered once a
 * `release <n>` allows it, any other at once or some milliseconds later.
 */
export const CI_PROGRAM = `
import { openSync, writeSync } from 'node:fs';
const [serverModule, id, port, correlation, ledgerPath, parentPid] = process.argv.slice(1);
const { serveCi } = await import(serverModule);
const ledger = openSync(ledgerPath, 'a');
const held = [];
let count = 0;
let left = 0;

async function* pieces(content) {
  for (let index = 0; index < 3; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield content + ':' + index + ' ';
  }
}

function hold(request) {
  return new Promise((resolve) => {
    held.push(() => resolve('re ' + request.content));
    request.signal.addEventListener('abort', () => console.log('left ' + ++left + ';'));
    console.log('held ' + held.length + ';');
  });
}

function release(howMany) {
  for (const answer of held.splice(0, howMany)) answer();
  return 'released';
}

function handler(request) {
  const { content } = request;
  if (content.startsWith('release ')) return release(Number(content.slice(8)));
  writeSync(ledger, content + '\\n');
  if (content.endsWith('/fail')) throw new Error('as asked');
  if (content.endsWith('/hold')) return hold(request);
  if (request.isStream) return pieces(content);
  count += 1;
  return new Promise((resolve) => setTimeout(() => resolve('re ' + content), count % 5));
}

// The port of a killed process may become free a moment later.
async function serve(attempts) {
  try {
    return await serveCi({ id, correlation, handler, listen: { port: Number(port) } });
  } catch (error) {
    if (attempts === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 25));
    return serve(attempts - 1);
  }
}

const server = await serve(200);
// If the test's process dies without a teardown, this one ends, too.
setInterval(() => process.ppid === Number(parentPid) || process.exit(1), 500);
console.log('port ' + server.port + ';');
`;
