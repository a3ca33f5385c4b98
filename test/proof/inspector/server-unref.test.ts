import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { watch } from '../../support/inspectors.js';

const program = fileURLToPath(new URL('watched-program.mjs', import.meta.url));

test('the inspector, a watcher and a recording keep no process alive', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'choragus-'));
  const child = spawn(process.execPath, [program, join(folder, 'fleet.ndjson')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [url] = (await once(child.stdout, 'data')) as [Buffer];
    const watching = await watch(String(url).trim());
    await watching.told(({ t }) => t === 'summary');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}, 30_000);
