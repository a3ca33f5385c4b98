/**
 * What a reader expects of the commands of the docs. Each check is given a command as it stands on its page, and runs it, with the
 * addresses that only the reader has replaced by those of stand-ins.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEnvironment } from 'choragus/tekton';
import { readBlock } from './docs-commands.mjs';
import { freePort } from './stand-ins.mjs';

/** The CIs of the demo that fail on purpose, and how. */
const failing = { noesis: 'unavailable', penia: 'deadline_exceeded', terma: 'connection_lost' };

function messageIn(command) {
  return command.match(/"([^"]*)"/)[1];
}

/** The same command without npx, which takes half a second: for what a check runs beyond the command of the page. */
function withoutNpx(command) {
  return command.replace('npx ', '');
}

function readJson(output) {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The CIs of the demo answer, all but the three that fail on purpose; because of these it ends with 1. */
export async function demoTeam(command, scene) {
  assert.match(await scene.run(command, 1), /15 of 18 answered/);
  const results = readJson(await scene.run(withoutNpx(`${command} --json`), 1));
  assert.equal(results.length, 18);
  for (const { ci, ok, content, error } of results) {
    if (ci in failing) assert.equal(error?.code, failing[ci], ci);
    else assert.ok(ok && content.includes(messageIn(command)), ci);
  }
}

/** All CIs of the file answer, and the filter shows none of them. Of one that is down it shows the code. */
export async function failuresOfTeam(command, scene) {
  await scene.configure('apollo', 'athena');
  const results = readJson(await scene.run(withoutNpx(command.split(' | ')[0])));
  assert.deepEqual(results.map(({ ci, ok }) => `${ci} ${ok}`).sort(), ['apollo true', 'athena true']);
  assert.equal(await scene.run(command), '');
  const withOneDown = command.replace(' | ', ` --ci clio=tcp://127.0.0.1:${await freePort()} | `);
  assert.equal(await scene.run(withoutNpx(withOneDown), 1), 'clio: unavailable\n');
}

export async function ask(command, scene) {
  const local = await scene.withStandIns(command);
  const answer = `You asked apollo: ${messageIn(command)}`;
  assert.equal(await scene.run(local), `${answer}\n`);
  const [{ ok, content }] = readJson(await scene.run(withoutNpx(`${local} --json`)));
  assert.deepEqual([ok, content], [true, answer]);
}

/** The CI is sent the change of a file. */
export async function askAboutDiff(command, scene) {
  await scene.configure('athena');
  await scene.run('git init --quiet && echo old > note && git add note && echo new > note');
  assert.match(await scene.run(command), /^You asked athena: diff[\s\S]*\n-old\n\+new\n/);
}

export async function streamText(command, scene) {
  assert.equal(await scene.run(await scene.withStandIns(command)), `You asked muse: ${messageIn(command)}`);
}

export async function watchStatus(command, scene) {
  await scene.configure('apollo', 'athena');
  const watching = scene.start(command);
  for (const name of ['apollo', 'athena']) await watching.shown(new RegExp(`^${name} +healthy `, 'm'));
}

/** It listens for each CI, on the fixed port map where that is free, and a client with a line has the CI's answer. */
export async function proxy(command, scene) {
  const names = [...command.matchAll(/--ci (\w+)=/g)].map(([, name]) => name);
  const local = await scene.withStandIns(command);
  const proxying = scene.start(local + (await listenElsewhere(names)));
  for (const name of names) {
    const [, port] = await proxying.shown(new RegExp(`^${name}: .*tcp://127\\.0\\.0\\.1:(\\d+)$`, 'm'));
    const client = connect(Number(port), '127.0.0.1').end('{"type":"chat","content":"Hello"}\n');
    assert.equal(JSON.parse(await text(client)).content, `You asked ${name}: Hello`);
  }
}

/** Options that name a free port for each CI; none if their ports on the fixed port map are free. */
async function listenElsewhere(names) {
  const fixed = names.map((name) => Number(new URL(readEnvironment({}).cis[name]).port));
  const free = await Promise.all(fixed.map((port) => freePort(port)));
  return fixed.every((port, index) => port === free[index])
    ? ''
    : names.map((name, index) => ` --listen ${name}=${free[index]}`).join('');
}

/** The module of the page answers where the command says that it listens. */
export async function serve(command, scene) {
  scene.write('numa.js', readBlock('docs/command.md', 'js', '// numa.js'));
  const [, wanted = 0] = command.match(/--port (\d+)/) ?? [];
  const serving = scene.start(command.replace(/--port \d+/, `--port ${await freePort(Number(wanted))}`));
  const [url] = await serving.shown(/(?:tcp|ws):\/\/\S+/);
  assert.equal(await scene.run(`choragus ask numa "one two" --ci numa=${url}`), 'one two \n');
}

/** Without a module, it echoes. */
export async function serveEcho(command, scene) {
  const serving = scene.start(command.replace(/--port \d+/, `--port ${await freePort(45012)}`));
  const [url] = await serving.shown(/tcp:\/\/\S+/);
  assert.equal(await scene.run(`choragus ask echo "one two" --ci echo=${url}`), 'one two\n');
}

/** Starts the service of the page, and returns its port once it has asked. */
async function startMonitored(scene) {
  const port = await freePort(9464);
  const service = readBlock('docs/monitoring.md', 'js', '// service.js')
    .replace('tcp://localhost:45012', await scene.standIn('apollo'))
    .replace('9464', String(port));
  scene.write('service.mjs', service);
  scene.start('node service.mjs');
  await untilListening(port);
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (/^choragus_requests_total\{ci="apollo",outcome="succeeded"\} [1-9]/m.test(text)) return port;
    await sleep(50);
  }
}

/** The service of the page answers a scrape, and counts its own requests. */
export async function scrape(_command, scene) {
  await startMonitored(scene);
}

/** Prometheus, with the file of the page, scrapes the service of the page, and knows the alerts of the package. */
export async function prometheus(command, scene) {
  const target = await startMonitored(scene);
  const port = await freePort();
  const config = readBlock('docs/monitoring.md', 'yaml', '# prometheus.yml');
  scene.write('prometheus.yml', config.replace('localhost:9464', `localhost:${target}`).replace('15s', '1s'));
  scene.start(`exec ${command} --web.listen-address=127.0.0.1:${port} --storage.tsdb.path=data-of-prometheus`);
  await untilListening(port);
  // It listens before it has opened its database.
  while (!(await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) await sleep(50);
  const api = async (path) => (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()).data;
  for (;;) {
    const { result } = (await api('query?query=choragus_ci_up')) ?? { result: [] };
    if (result.length > 0) {
      assert.deepEqual([result[0].metric.ci, result[0].value[1]], ['apollo', '1']);
      break;
    }
    await sleep(100);
  }
  const { groups } = await api('rules');
  assert.deepEqual(
    groups.map(({ name, rules }) => [name, rules.length > 5]),
    [['choragus', true]],
  );
}

/** The alerts' tests are in the package, and pass there. */
export async function testAlerts(command, scene) {
  assert.match(await scene.run(command), /SUCCESS/);
}

/** Two lines by hand: the answer has the id of its request, and comes before the pong. nc then waits for more, up to 10 s. */
export async function lineByHand(command, scene) {
  const [, wanted] = command.match(/localhost (\d+)/);
  const { port } = new URL(await scene.standIn('apollo', `tcp://localhost:${wanted}`));
  const [lines] = await scene.start(command.replace(wanted, port)).shown(/^(?:.+\n){2}/);
  const [answer, pong] = readJson(lines);
  assert.deepEqual([answer.content, answer.request_id, pong.type], ['You asked apollo: Hello', 'a.1', 'pong']);
}

/** Both services of the page answer, each in one file: that of Fastify without its top-level `await`, as the page says. */
export async function bundle(command, scene) {
  const express = readBlock('docs/embedding.md', 'ts', "from 'express'");
  const fastify = readBlock('docs/embedding.md', 'ts', "from 'fastify'").replace(/^await /m, '');
  for (const service of [express, fastify]) {
    scene.write('service.ts', service);
    await scene.run(command);
    const port = await freePort();
    const env = { PORT: String(port), APOLLO_URL: await scene.standIn('apollo') };
    const serving = scene.start('node service.cjs', env);
    await untilListening(port);
    const response = await fetch(`http://127.0.0.1:${port}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"message":"Hello"}',
    });
    assert.deepEqual([response.status, await response.json()], [200, { content: 'You asked apollo: Hello' }]);
    await serving.interrupt();
  }
}

async function untilListening(port) {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await sleep(50);
  }
  assert.fail('the service does not listen');
}

/** `npm ci` is the first step of the build. What is left asks all CIs twice, and closes. */
export async function demo(command, scene) {
  const shown = await scene.run(command.replace('npm ci && ', ''));
  const [, secondChat] = shown.split('Second chat');
  assert.match(secondChat, /15 of 18 answered[\s\S]*Drained and closed/);
}

/** The address that it shows leads to the page. */
export async function demoWithInspector(command, scene) {
  const [url] = await scene.start(command).shown(/http:\/\/\S+/);
  const entrance = await fetch(url, { redirect: 'manual' });
  const cookie = entrance.headers.get('set-cookie').split(';')[0];
  const page = await fetch(new URL(entrance.headers.get('location'), url), { headers: { cookie } });
  assert.deepEqual([page.status, page.headers.get('content-type').split(';')[0]], [200, 'text/html']);
}

/** The page opens under each name that the command allows, and under no other. */
export async function inspectUnderNames(command, scene) {
  const [, wanted] = command.match(/--port (\d+)/);
  const [link] = await scene
    .start(command.replace(/--port \d+/, `--port ${await freePort(Number(wanted))}`))
    .shown(/http:\/\/\S+/);
  const statusUnder = async (host) => {
    const [response] = await once(get(link, { headers: { host }, agent: false }), 'response');
    response.resume();
    return response.statusCode;
  };
  for (const [, host] of command.matchAll(/--allow-host (\S+)/g)) assert.equal(await statusUnder(host), 303);
  assert.equal(await statusUnder('elsewhere.example'), 421);
}

export async function runExample(command, scene) {
  assert.notEqual(await scene.run(command), '');
}
