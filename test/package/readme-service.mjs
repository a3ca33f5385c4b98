/**
 * Runs the service of the README as it stands there, with other ports, and stops it by SIGTERM: what is under way is
 * answered, what hangs is cut when the drain's time is over, and the process ends by itself, with nothing on stderr.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { serveCi } from 'choragus';
import { firstValueFrom, Subject } from 'rxjs';

const folder = 'dist/readme/built';
const page = readdirSync(folder).find(
  (name) => name.includes('README') && readFileSync(`${folder}/${name}`, 'utf8').includes('fastify'),
);

/** Starts the service with this CI as its apollo. Settles once it listens. */
async function startService(ci) {
  const program = readFileSync(`${folder}/${page}`, 'utf8');
  const local = program.replace('tcp://localhost:45012', ci.url).replace('port: 8080', 'port: 0');
  assert.notEqual(local, program);
  writeFileSync(`${folder}/service.js`, local);
  const child = spawn(process.execPath, [`${folder}/service.js`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  let log = '';
  const exit = once(child, 'exit');
  child.stdout.on('data', (data) => {
    log += data;
  });
  while (!/listening at (http:[^"]+)/.test(log)) {
    await Promise.race([once(child.stdout, 'data'), exit.then(() => assert.fail(`the service ended: ${log}`))]);
  }
  return { child, exit, stderr, url: /listening at (http:[^"]+)/.exec(log)[1] };
}

/** A CI whose answer is held until it is given. */
async function holdingCi() {
  const asked = new Subject();
  const answer = new Subject();
  const handler = () => {
    asked.next();
    return firstValueFrom(answer);
  };
  const ci = await serveCi({ id: 'apollo', handler });
  return { ci, asked: firstValueFrom(asked), answer: (content) => answer.next(content) };
}

async function ask(url) {
  const response = await fetch(`${url}/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'What patterns do you see?' }),
  });
  return { status: response.status, body: await response.json() };
}

/** Stops the service while a request is under way; `during` is what the CI does then. */
async function stopUnderWay(during) {
  const { ci, asked, answer } = await holdingCi();
  const service = await startService(ci);
  const asking = ask(service.url);
  await asked;
  service.child.kill('SIGTERM');
  during(answer);
  const given = await asking;
  const [code, signal] = await service.exit;
  assert.deepEqual([code, signal, await service.stderr], [0, null, '']);
  await ci.close();
  return given;
}

const answered = await stopUnderWay((answer) => answer('Rings, mostly.'));
assert.deepEqual([answered.status, answered.body.content], [200, 'Rings, mostly.']);
const cut = await stopUnderWay(() => {});
assert.deepEqual([cut.status, cut.body], [502, { code: 'closed', delivery: 'maybe_sent' }]);
console.log('the service of the README drains on SIGTERM');
