import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Feed } from '../../../../src/inspector/feed/feed.js';
import type { Recorded } from '../../../../src/inspector/feed/records.js';
import { type Encode, Watcher } from '../../../../src/inspector/feed/watcher.js';
import { until } from '../../../support/stage.js';

const MIB = 2 ** 20;

/** A sink that accepts nothing until the test opens it; then it accepts everything. */
class Gate extends Writable {
  readonly texts: string[] = [];
  #isOpen: boolean;
  #next: (() => void) | undefined;

  constructor(isOpen: boolean) {
    super({ decodeStrings: false });
    this.#isOpen = isOpen;
  }

  override _write(text: string, _encoding: string, next: () => void): void {
    this.texts.push(text);
    if (this.#isOpen) next();
    else this.#next = next;
  }

  open(): void {
    this.#isOpen = true;
    const next = this.#next;
    this.#next = undefined;
    next?.();
  }

  shut(): void {
    this.#isOpen = false;
  }

  get told(): string[] {
    return this.texts.join('').split('\n').filter(Boolean);
  }
}

const encode: Encode = (records) => records.map((record) => `${nameOf(record)}\n`).join('');
const nothing = (): void => {};
const hello = { t: 'hello' } as Recorded;

function nameOf(record: Recorded): string {
  if (record.t === 'dropped') return `dropped ${record.count}`;
  return record.t === 'cis' ? `cis${record.isFirst ? ' anew' : ''}` : record.t;
}

/** A feed of this many pieces; counts those made in one turn. */
function feedOf(pieces: number, padding = '') {
  let made = 0;
  const feed = {
    *state() {
      for (let index = 0; index < pieces; index += 1) {
        made += 1;
        yield { t: 'cis', isFirst: index === 0, rows: [], left: 0, at: 0, padding } as Recorded;
      }
      yield { t: 'ready', at: 0 } as Recorded;
    },
  } as unknown as Feed;
  return { feed, made: () => made };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const state = ['cis anew', 'cis', 'cis', 'ready'];

describe('the first state', () => {
  test('is sent one piece a turn, even if the socket was full at first', async () => {
    const gate = new Gate(false);
    const { feed, made } = feedOf(20);
    // Larger than what a socket accepts at once, as a real one is.
    new Watcher(gate, feed, (records) => encode(records) + '\n'.repeat(20_000), nothing).begin(hello);
    gate.open();
    for (let turns = 1; made() < 20; turns += 1) {
      await turn();
      expect(made()).toBeLessThanOrEqual(turns + 1);
    }
  });

  test('is followed by the changes in the meantime', async () => {
    const gate = new Gate(true);
    const watcher = new Watcher(gate, feedOf(3).feed, encode, nothing);
    watcher.begin(hello);
    expect(watcher.isCurrent).toBe(false);
    watcher.send('one\n', 1);
    await until(() => watcher.isCurrent);
    watcher.send('two\n', 1);
    expect(gate.told).toEqual(['hello', ...state, 'one', 'two']);
  });
});

describe('a client that does not read', () => {
  test('costs at most about 2 MiB, gets the number of missed records, and the state anew', async () => {
    const gate = new Gate(true);
    const watcher = new Watcher(gate, feedOf(3).feed, encode, nothing);
    watcher.begin(hello);
    await until(() => watcher.isCurrent);
    gate.shut();
    const batch = `${'x'.repeat(10_000)}\n`;
    for (let count = 0; count < 10_000; count += 1) watcher.send(batch, 7);
    expect(gate.writableLength).toBeLessThan(MIB + 2 * batch.length);
    expect(watcher.isCurrent).toBe(false);
    gate.open();
    await until(() => watcher.isCurrent);
    const told = gate.told;
    const got = told.filter((line) => line.startsWith('x')).length;
    expect(told.slice(got + 1 + state.length)).toEqual([`dropped ${(10_000 - got) * 7}`, ...state]);
  });

  test('costs no more if it never reads at all', async () => {
    const gate = new Gate(false);
    const watcher = new Watcher(gate, feedOf(3).feed, encode, nothing);
    watcher.begin(hello);
    const batch = `${'x'.repeat(10_000)}\n`;
    for (let count = 0; count < 1_000; count += 1) watcher.send(batch, 1);
    gate.open();
    await until(() => watcher.isCurrent);
    expect(gate.told.filter((line) => !line.startsWith('cis'))).toEqual(['hello', 'dropped 1000', 'ready']);
  });
});

test('misses what was collected before a new state; it never comes after it', async () => {
  const gate = new Gate(false);
  const collected = ['old\n'];
  const watcher: Watcher = new Watcher(gate, feedOf(3).feed, encode, () => {
    for (const text of collected.splice(0)) watcher.send(text, 1);
  });
  watcher.begin(hello);
  for (let count = 0; count < 1_000; count += 1) watcher.send(`${'x'.repeat(10_000)}\n`, 1);
  gate.open();
  await until(() => watcher.isCurrent);
  expect(gate.told.filter((line) => !line.startsWith('cis'))).toEqual(['hello', 'dropped 1001', 'ready']);
});

describe('the end', () => {
  test('comes at once, and drops everything pending', async () => {
    const gate = new Gate(true);
    const watcher = new Watcher(gate, feedOf(3).feed, encode, nothing);
    watcher.begin(hello);
    watcher.end();
    watcher.send('late\n', 1);
    await turn();
    await turn();
    expect([gate.told, gate.writableFinished]).toEqual([[], true]);
  });

  test('comes after everything was sent, if the caller wants that', async () => {
    const gate = new Gate(true);
    const watcher = new Watcher(gate, feedOf(3).feed, encode, nothing);
    watcher.begin(hello);
    watcher.send('one\n', 1);
    watcher.finish();
    await until(() => gate.writableFinished);
    expect(gate.told).toEqual(['hello', ...state, 'one']);
  });
});
