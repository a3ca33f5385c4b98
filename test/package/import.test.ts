import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
};

/** Each entry of the package, with its file, relative to the build's folder. */
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === 'string' ? [] : [[name, target.default.replace(/^\.\/dist\//, '')] as const],
);

/** The state of a fresh process before and after the import of its first argument; it is sent to the parent. */
const probe = `
const see = () => ({
  resources: process.getActiveResourcesInfo().sort(),
  listeners: process.eventNames().map(String).sort(),
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  prototypes: [Object, Array, Function, Promise, String].map((each) => Reflect.ownKeys(each.prototype).length),
  environment: { ...process.env },
});
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
// Reading these opens a pipe's handle at the first read; a logger may read them and write nothing.
void [process.stdout, process.stderr];
await settled();
const before = see();
const names = Object.keys(await import(process.argv[1]));
await settled();
process.send({ names, before, after: see() }, () => process.disconnect());
`;

interface Seen {
  readonly names: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

let built = '';

/** Imports a file in a separate process, which must end by itself: otherwise the test runs out of time. */
async function importAlone(file: string): Promise<{ seen: Seen | undefined; printed: string; code: unknown }> {
  const url = pathToFileURL(join(built, file)).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', probe, url], {
    cwd: built,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let seen: Seen | undefined;
  let printed = '';
  child.on('message', (message) => {
    seen = message as Seen;
  });
  const listen = (bytes: Buffer) => {
    printed += bytes;
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const [code] = await once(child, 'close');
  return { seen, printed, code };
}

beforeAll(() => {
  // A separate build: the shared one may be missing, older than the source, or in progress.
  built = mkdtempSync(join(tmpdir(), 'choragus-import-'));
  writeFileSync(join(built, 'package.json'), '{"type":"module","name":"choragus"}');
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'), 'junction');
  const buildInfo = join(built, '.tsbuildinfo');
  const options = ['-p', 'tsconfig.build.json', '--outDir', built, '--tsBuildInfoFile', buildInfo];
  try {
    execFileSync('npx', ['tsc', ...options], { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' });
  } catch {
    // The type check reports wrong types; the emitted files can still be imported.
  }
}, 120_000);

afterAll(() => {
  rmSync(built, { recursive: true, force: true });
});

describe('importing the package does nothing', () => {
  test('every entry of package.json names a file that the build makes', () => {
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter(([, file]) => !existsSync(join(built, file)))).toEqual([]);
  });

  test.each(entries)(
    '%s: no output, no handle, no listener, no global',
    async (_name, file) => {
      const { seen, printed, code } = await importAlone(file);
      expect(printed).toBe('');
      expect(code).toBe(0);
      expect(seen?.names.length).toBeGreaterThan(0);
      expect(seen?.after).toEqual(seen?.before);
    },
    60_000,
  );
});
