/**
 * Runs the two services of docs/embedding.md unchanged: they answer, stream, refuse a request without a body, and report
 * their health. On SIGTERM they answer requests in flight, cut hanging ones when the drain's time is over, and end by themselves.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveCi } from 'choragus';
import { firstValueFrom, Subject } from 'rxjs';

const folder = 'dist/readme/built';

function programOf(framework) {
  const page = readdirSync(folder).find(
    (name) => name.includes('embedding') && readFileSync(`${folder}/${name}`, 'utf8').includes(`from '${framework}'`),
  );
  assert.ok(page, `docs/embedding.md has no program with ${framework}`);
  return `${folder}/${page}`;
}

/** The same program, with a drain shorter than the deadline of its requests. */
function impatient(program) {
  const patient = readFileSync(program, 'utf8');
  const short = patient.replace('drainTimeoutMs: 10_000', 'drainTimeoutMs: 300');
  assert.notEqual(short, patient);
  const file = program.replace('.js', '-impatient.js');
  writeFileSync(file, short);
  return file;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port, exit) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      exit.then(() => assert.fail('the service ended')),
    ]);
    socket.destroy();
    if (isUp) return;
    await sleep(50);
  }
}

/** Starts a service with this CI as its apollo. Settles once it listens. */
async function startService(program, ci) {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), APOLLO_URL: ci.url };
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'pipe'], env });
  const stderr = text(child.stderr);
  const exit = once(child, 'exit');
  await untilListening(port, exit);
  return { child, exit, stderr, port };
}

/** Sends a request over a connection that the client would keep. */
async function send(port, path, body, agent) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ port, host: '127.0.0.1', path, method: path === '/health' ? 'GET' : 'POST', headers, agent });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, connection: response.headers.connection, body: await text(response) };
}

/** A CI whose answers wait until the test releases them. */
async function holdingCi() {
  const asked = new Subject();
  const answer = new Subject();
  const handler = ({ content }) => {
    if (content !== 'Hold this.') return `You said: ${content}`;
    asked.next();
    return firstValueFrom(answer);
  };
  const ci = await serveCi({ id: 'apollo', handler });
  return { ci, asked: firstValueFrom(asked), answer: (content) => answer.next(content) };
}

async function endOf(service) {
  const [code, signal] = await service.exit;
  assert.deepEqual([code, signal, await service.stderr], [0, null, '']);
}

async function check(framework) {
  const program = programOf(framework);
  const { ci, asked, answer } = await holdingCi();
  const service = await startService(program, ci);
  const { port } = service;
  const agent = new Agent({ keepAlive: true });

  const answered = await send(port, '/ask', { message: 'Hello.' }, agent);
  assert.deepEqual([answered.status, answered.connection], [200, 'keep-alive']);
  assert.deepEqual(JSON.parse(answered.body), { content: 'You said: Hello.' });
  const streamed = await send(port, '/stream', { message: 'Hello.' }, agent);
  assert.deepEqual([streamed.status, streamed.body], [200, 'data: "You said: Hello."\n\n']);
  for (const path of ['/ask', '/stream']) {
    for (const body of [undefined, {}, { message: '' }]) {
      assert.equal((await send(port, path, body, agent)).status, 400, `${framework} ${path} ${JSON.stringify(body)}`);
    }
  }
  if (framework === 'fastify') {
    const health = await send(port, '/health', undefined, agent);
    assert.deepEqual([health.status, JSON.parse(health.body).state], [200, 'running']);
  }

  // A request in flight at SIGTERM is answered.
  const underWay = send(port, '/ask', { message: 'Hold this.' }, agent);
  await asked;
  service.child.kill('SIGTERM');
  await sleep(100);
  answer('Rings, mostly.');
  const last = await underWay;
  assert.deepEqual([last.status, JSON.parse(last.body)], [200, { content: 'Rings, mostly.' }]);
  if (framework === 'express') assert.equal(last.connection, 'close');
  await endOf(service);
  agent.destroy();
  await ci.close();

  // A hanging request is cut when the drain's time is over.
  const hanging = await holdingCi();
  const second = await startService(impatient(program), hanging.ci);
  const cut = send(second.port, '/ask', { message: 'Hold this.' });
  await hanging.asked;
  second.child.kill('SIGTERM');
  const failed = await cut;
  const { code, delivery } = JSON.parse(failed.body);
  assert.deepEqual([failed.status, code, delivery], [503, 'closed', 'maybe_sent']);
  await endOf(second);
  await hanging.ci.close();
}

await Promise.all([check('fastify'), check('express')]);
console.log('the services of docs/embedding.md answer, refuse a request without a body, and drain on SIGTERM');
