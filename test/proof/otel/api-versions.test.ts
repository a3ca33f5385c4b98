import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { root } from '../../support/source-files.js';

/** A service that traces a request through `serveCi`, with whichever `@opentelemetry/api` its folder has. */
const program = `
import { SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { createPool, serveCi } from 'choragus';
import { instrument } from 'choragus/otel';
import { firstValueFrom } from 'rxjs';

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
instrument();
const ci = await serveCi({ id: 'apollo', handler: ({ content }) => content });
const pool = createPool({ logger: false, cis: { apollo: { url: ci.url, traceContext: true } } });
await trace.getTracer('program').startActiveSpan('caller', async (span) => {
  await firstValueFrom(pool.ask('apollo', 'hello'));
  span.end();
});
await pool.close();
await ci.close();
const spans = exporter.getFinishedSpans();
const only = (test) => {
  const found = spans.filter(test);
  if (found.length !== 1) throw new Error('not one span, but ' + found.length);
  return found[0];
};
const caller = only(({ name }) => name === 'caller');
const client = only(({ kind }) => kind === SpanKind.CLIENT);
const server = only(({ kind }) => kind === SpanKind.SERVER);
console.log(JSON.stringify([
  client.parentSpanContext.spanId === caller.spanContext().spanId,
  server.parentSpanContext.spanId === client.spanContext().spanId,
]));
`;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Makes a folder with the packages of this repository, one of them replaced. Returns its path. */
async function folderWith(api: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'otel-'));
  folders.push(folder);
  const modules = join(root, 'node_modules');
  const link = async (name: string, target: string): Promise<void> => {
    const path = join(folder, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(target, path);
  };
  for (const name of await readdir(modules)) {
    if (name.startsWith('.')) continue;
    const names = name.startsWith('@') ? (await readdir(join(modules, name))).map((each) => `${name}/${each}`) : [name];
    for (const each of names) await link(each, join(modules, each === '@opentelemetry/api' ? api : each));
  }
  // Its files only: the packages beside them would be found first.
  for (const part of ['package.json', 'dist']) await link(`choragus/${part}`, join(root, part));
  await writeFile(join(folder, 'program.mjs'), program);
  return folder;
}

test.each([
  ['1.9.0', 'opentelemetry-api-1.9.0'],
  ['1.9.1', '@opentelemetry/api'],
  ['1.10.0', 'opentelemetry-api-1.10.0'],
])('a service with version %s of the API is traced', async (version, api) => {
  const folder = await folderWith(api);
  const text = await readFile(join(folder, 'node_modules/@opentelemetry/api/package.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ name: '@opentelemetry/api', version });
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];
  const child = spawn(process.execPath, [...flags, 'program.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  const [code] = await once(child, 'close');
  expect([code, output]).toEqual([0, '[true,true]\n']);
});
