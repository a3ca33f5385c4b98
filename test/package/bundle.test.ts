import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/source-files.js';

const run = promisify(execFile);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'choragus-bundle-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bundles a service to CommonJS, as serverless platforms and desktop shells do. */
async function bundled(
  name: string,
  external: string[],
): Promise<{ readonly file: string; readonly warnings: string[] }> {
  const outfile = join(folder, `${name}.cjs`);
  const { warnings } = await build({
    entryPoints: [join(root, 'test/package/bundle/service.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
    alias: { choragus: join(root, 'src/index.ts') },
    external,
  });
  // The inspector reads its page from files beside it, so a bundle cannot include it.
  const ofInspector = /^src\/inspector\//;
  const others = warnings.filter(({ location }) => !ofInspector.test(location?.file ?? ''));
  return { file: outfile, warnings: others.map(({ text }) => text) };
}

describe('a service in one CommonJS file', () => {
  test.each([
    ['with undici and ws in it', 'whole', []],
    ['with undici and ws beside it', 'beside', ['undici', 'ws']],
    ['with pino beside it, too', 'pino', ['undici', 'ws', 'pino']],
  ])('%s: asks over TCP, WebSocket and HTTP', async (_how, name, external) => {
    const { file, warnings } = await bundled(name, external);
    expect(warnings).toEqual([]);
    const { stdout, stderr } = await run(process.execPath, [file], { timeout: 30_000 });
    expect([stdout.trim().split('\n'), stderr]).toEqual([['tcp: hello', 'ws: hello', 'http: hello'], '']);
  });

  test('names the missing package if undici is not installed', async () => {
    const { file } = await bundled('missing', ['undici']);
    const alone = await mkdtemp(join(tmpdir(), 'choragus-alone-'));
    try {
      await run('cp', [file, join(alone, 'service.cjs')]);
      const failed = run(process.execPath, [join(alone, 'service.cjs')], { timeout: 30_000, cwd: alone });
      await expect(failed).rejects.toMatchObject({
        stderr: expect.stringContaining('HTTP needs the package "undici": npm install undici@7'),
      });
    } finally {
      await rm(alone, { recursive: true, force: true });
    }
  });
});
