import { inspect } from 'node:util';
import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ChoragusError } from '../../../src/index.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { Evidence } from './evidence.js';
import { ANSI, ESCAPES, secrets, words } from './planted.js';

const stage = useStage();

describe('the text of a cut stream', () => {
  async function cut(): Promise<ChoragusError> {
    const ci = await stage.scripted((request) => {
      request.chunk(secrets.chunk);
      request.connection.close();
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'hello'));
    await stream.ended;
    return stream.error as ChoragusError;
  }

  test('is in `partial`', async () => {
    expect((await cut()).partial).toBe(secrets.chunk);
  });

  test('is not in the usual output of the error', async () => {
    const error = await cut();
    const copies = [JSON.stringify(error), inspect(error), `${error.stack}`, JSON.stringify({ ...error })];
    expect(copies.filter((copy) => copy.includes(secrets.chunk))).toEqual([]);
    expect(Object.keys(error)).not.toContain('partial');
  });

  test('is in the output of inspect with hidden fields', async () => {
    expect(inspect(await cut(), { showHidden: true })).toContain(secrets.chunk);
  });
});

describe('a crash, which is a bug in a transport', () => {
  /** A pool whose transport throws this when it dials. */
  async function crashWith(thrown: unknown): Promise<Evidence> {
    const evidence = new Evidence();
    const dial = () => new Observable<never>((subscriber) => subscriber.error(thrown));
    const transports = { broken: { prepare: () => dial } };
    const pool = stage.pool({
      cis: { apollo: 'broken:' },
      transports,
      logger: evidence.logger,
      maxRestarts: 1,
      reconnectDelayMs: 1,
    });
    evidence.watch(pool);
    void pool.warm();
    await until(() => pool.snapshot().cis.apollo?.state === 'quarantined');
    evidence.see('snapshot()', pool.snapshot());
    expect(evidence.lines.join('')).toContain('"anomaly":"crashed"');
    return evidence;
  }

  test.each<[string, () => unknown]>([
    ['an error that quotes content', () => new TypeError(`cannot read ${secrets.reply}${ANSI}`)],
    ['a text', () => secrets.reply],
    ['an object', () => ({ content: secrets.reply })],
  ])('is logged without its message: %s', async (_, make) => {
    const evidence = await crashWith(make());
    expect(evidence.find(words)).toEqual([]);
    expect(evidence.find(ESCAPES)).toEqual([]);
  });

  test('and without lines of its message that look like a stack', async () => {
    const evidence = await crashWith(new TypeError(`cannot read:\n    at ${secrets.reply}`));
    expect(evidence.find(words)).toEqual([]);
  });
});
