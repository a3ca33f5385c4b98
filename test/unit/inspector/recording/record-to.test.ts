import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Recorded } from '../../../../src/inspector/feed/records.js';
import { recordTo } from '../../../../src/inspector/recording/record-to.js';
import { watchableOf } from '../../../../src/observe/watchable.js';
import { useInspectors } from '../../../support/inspectors.js';
import { until } from '../../../support/stage.js';

const { pool } = useInspectors();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'choragus-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const recordsIn = (file: string): Recorded[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

test('a recording names its source, holds the state, then each change; it has no content, and only its owner can read it', async () => {
  const watched = await pool();
  const path = join(folder, 'fleet.ndjson');
  const recorder = recordTo(watched, path);
  await firstValueFrom(watched.ask('apollo', 'a secret'));
  await watched.close();
  await recorder.close();
  const records = recordsIn(path);
  expect(records.slice(0, 3).map(({ t }) => t)).toEqual(['hello', 'cis', 'ready']);
  const moves = records.flatMap((record) => (record.t === 'transition' ? [record.to] : []));
  expect(moves).toEqual(['connecting', 'healthy', 'closed']);
  expect(readFileSync(path, 'utf8')).not.toContain('a secret');
  expect(readFileSync(path, 'utf8')).not.toContain('csrf');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a full file is followed by another; each begins with the whole state, and only a given number is kept', async () => {
  const watched = await pool(Array.from({ length: 20 }, (_, index) => `ci-${index}`));
  await watched.warm();
  const path = join(folder, 'fleet.ndjson');
  const recorder = recordTo(watched, path, { maxBytes: 30_000, maxFiles: 3 });
  const watchable = watchableOf(watched);
  const rotations = new Set<number>();
  while (rotations.size < 2) {
    for (const name of watchable.cis) {
      for (const { connection } of watchable.status(name)?.connections ?? []) {
        watchable.intervene({ do: 'reconnect', connection });
      }
    }
    if (existsSync(`${path}.2`)) rotations.add(statSync(`${path}.2`).ino);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await recorder.close();
  expect(readdirSync(folder).sort()).toEqual(['fleet.ndjson', 'fleet.ndjson.1', 'fleet.ndjson.2']);
  for (const name of ['fleet.ndjson.1', 'fleet.ndjson.2']) {
    const records = recordsIn(join(folder, name));
    expect(records[0]?.t).toBe('hello');
    expect(records[1]).toMatchObject({ t: 'cis', isFirst: true });
  }
}, 60_000);

test('a write error ends the recording, is reported once, and does no other harm', async () => {
  const watched = await pool();
  const errors: Error[] = [];
  const recorder = recordTo(watched, join(folder, 'no', 'such', 'folder.ndjson'), {
    onError: (error) => errors.push(error),
  });
  await until(() => errors.length > 0);
  expect((await firstValueFrom(watched.ask('apollo', 'hello'))).content).toBe('hello');
  await recorder.close();
  expect(errors).toHaveLength(1);
});

test('a file changes only after the whole state and more is in it: each file can be read alone', async () => {
  const watched = await pool(Array.from({ length: 300 }, (_, index) => `ci-${index}`));
  const path = join(folder, 'fleet.ndjson');
  const recorder = recordTo(watched, path, { maxBytes: 1, maxFiles: 4 });
  await watched.warm();
  await until(() => existsSync(`${path}.3`));
  await recorder.close();
  expect(readdirSync(folder)).toHaveLength(4);
  for (const name of readdirSync(folder)) {
    const records = recordsIn(join(folder, name));
    const names = records.flatMap((record) => (record.t === 'cis' ? record.rows.map(({ ci }) => ci) : []));
    expect([records[0]?.t, new Set(names).size, records.some(({ t }) => t === 'ready')]).toEqual(['hello', 300, true]);
  }
}, 60_000);

test('a recording that is closed at once holds the whole state', async () => {
  const watched = await pool(Array.from({ length: 300 }, (_, index) => `ci-${index}`));
  const path = join(folder, 'fleet.ndjson');
  const recorder = recordTo(watched, path);
  await Promise.all([recorder.close(), recorder.close()]);
  // A piece ends after fifty CIs or two milliseconds: on a busy machine there are more pieces.
  const records = recordsIn(path);
  const pieces = records.slice(1, -1).map((record) => (record.t === 'cis' ? record.rows.map(({ ci }) => ci) : []));
  expect([records[0]?.t, records.at(-1)?.t]).toEqual(['hello', 'ready']);
  expect(pieces.every(({ length }) => length > 0 && length <= 50)).toBe(true);
  expect(pieces.flat()).toEqual(Array.from({ length: 300 }, (_, index) => `ci-${index}`));
});

test('files of an earlier recording are kept, and stay private', async () => {
  const watched = await pool();
  const path = join(folder, 'fleet.ndjson');
  writeFileSync(path, 'of another process\n', { mode: 0o644 });
  await recordTo(watched, path).close();
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('of another process\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await recordTo(watched, path, { maxFiles: 1 }).close();
  expect(readdirSync(folder).sort()).toEqual(['fleet.ndjson', 'fleet.ndjson.1']);
});

test('a link is not followed, and a folder is not moved', async () => {
  const watched = await pool();
  const [precious, link, inner] = [join(folder, 'precious'), join(folder, 'link'), join(folder, 'inner')];
  writeFileSync(precious, 'precious');
  symlinkSync(precious, link);
  mkdirSync(inner);
  const errors: Error[] = [];
  await recordTo(watched, link).close();
  await recordTo(watched, inner, { onError: (error) => errors.push(error) }).close();
  expect(readFileSync(precious, 'utf8')).toBe('precious');
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('EEXIST')]);
  expect(statSync(inner).isDirectory()).toBe(true);
});

test('the recording ends with a message if the next file cannot be made', async () => {
  const watched = await pool();
  const path = join(folder, 'fleet.ndjson');
  mkdirSync(`${path}.1`);
  const errors: Error[] = [];
  const recorder = recordTo(watched, path, { maxBytes: 1, maxFiles: 2, onError: (error) => errors.push(error) });
  await watched.warm();
  await until(() => errors.length > 0);
  await recorder.close();
  expect(errors).toHaveLength(1);
  expect((await firstValueFrom(watched.ask('apollo', 'hello'))).content).toBe('hello');
});

test.each([
  [{ maxBytes: 0 }, 'recordTo: maxBytes is 0: use a whole number from 1'],
  [{ maxBytes: Number.NaN }, 'maxBytes is NaN: use a whole number from 1'],
  [{ maxFiles: 1.5 }, 'maxFiles is 1.5: use a whole number from 1'],
  [{ onError: 'log' }, 'onError is "log": use a function'],
  [{ append: true }, 'append is not an option'],
])('rejects bad options: %j', async (options, message) => {
  const watched = await pool();
  expect(() => recordTo(watched, join(folder, 'fleet.ndjson'), options as never)).toThrow(message);
});
