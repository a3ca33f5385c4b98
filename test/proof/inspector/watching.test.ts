import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Pool } from '../../../src/index.js';
import type { CisPart, Recorded, Summary, TraceRecord } from '../../../src/inspector/feed/records.js';
import { Model } from '../../../src/inspector/page/model.js';
import { WATCHABLE, type Watchable, watchableOf } from '../../../src/observe/watchable.js';
import { ask, bearer, useInspectors, watch } from '../../support/inspectors.js';
import { until } from '../../support/stage.js';

const { pool, inspect } = useInspectors();

const MIB = 2 ** 20;

const rowsIn = (records: readonly Recorded[]) => records.flatMap((record) => (record.t === 'cis' ? record.rows : []));

describe('a watcher', () => {
  test('gets a description of the source, all CIs in pieces, and then a record that this is all', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `ci-${index}`);
    const { url } = await inspect(await pool(names));
    const watching = await watch(url);
    await watching.told(({ t }) => t === 'ready');
    const [hello, ...rest] = watching.records;
    expect(hello?.t).toBe('hello');
    const parts = rest.filter((record): record is CisPart => record.t === 'cis');
    expect(parts.length).toBeGreaterThanOrEqual(3);
    let told = 0;
    for (const [index, { isFirst, left, rows }] of parts.entries()) {
      told += rows.length;
      expect([isFirst, left]).toEqual([index === 0, names.length - told]);
      expect(rows.length).toBeLessThanOrEqual(50);
    }
    expect(rowsIn(rest).map(({ ci }) => ci)).toEqual(names);
    watching.leave();
  });

  test('gets every state change, and the requests about once a second', async () => {
    const watched = await pool();
    const { url } = await inspect(watched);
    const watching = await watch(url);
    await watching.told(({ t }) => t === 'ready');
    await firstValueFrom(watched.ask('apollo', 'a secret'));
    await watching.told((record) => record.t === 'transition' && record.to === 'healthy');
    const summary = (await watching.told(
      (record) => record.t === 'summary' && record.rows.some(({ succeeded }) => succeeded === 1),
    )) as Summary;
    expect(summary.states.healthy).toBe(1);
    expect(JSON.stringify(watching.records)).not.toContain('a secret');
    watching.leave();
  });

  test('gets the events of traced connections, and of no others', async () => {
    const watched = await pool(['apollo', 'athena']);
    await watched.warm();
    const { url } = await inspect(watched, { actions: true });
    const watching = await watch(url);
    const post = (on: boolean) =>
      ask(url, '/api/trace', {
        method: 'POST',
        headers: { ...bearer(url), 'content-type': 'application/json' },
        body: JSON.stringify({ connection: 'apollo#1', on }),
      });
    expect((await post(true)).status).toBe(200);
    const state = (await watching.told((record) => record.t === 'trace' && record.kind === 'state')) as TraceRecord;
    expect(state.value).toEqual({ linked: 'healthy' });
    watchableOf(watched).intervene({ do: 'reconnect', connection: 'apollo#1' });
    watchableOf(watched).intervene({ do: 'reconnect', connection: 'athena#1' });
    await watching.told(({ t }) => t === 'trace-ended');
    const traces = watching.records.filter((record): record is TraceRecord => record.t === 'trace');
    expect(traces.map(({ type }) => type)).toContain('close');
    expect(new Set(traces.map(({ root }) => root))).toEqual(new Set(['apollo#1']));
    expect((await post(true)).status).toBe(404);
    watching.leave();
  });

  test('gets the requests of a traced connection by size and time, if it wants them', async () => {
    const watched = await pool();
    await watched.warm();
    const { url } = await inspect(watched, { sizes: true });
    const watching = await watch(url);
    const headers = { ...bearer(url), 'content-type': 'application/json' };
    const body = '{"connection":"apollo#1","on":true}';
    expect((await ask(url, '/api/trace', { method: 'POST', headers, body })).status).toBe(200);
    await firstValueFrom(watched.ask('apollo', 'a secret'));
    const told = (await watching.told((record) => record.t === 'trace' && record.kind === 'exchange')) as TraceRecord;
    expect(told).toMatchObject({ type: 'chat', exchange: { ended: 'answered', sent: 36, received: 8, chunks: 0 } });
    expect(JSON.stringify(watching.records)).not.toContain('a secret');
    watching.leave();
  });

  test('of the summary alone gets no single change', async () => {
    const watched = await pool();
    const { url } = await inspect(watched);
    const [brief, full] = [await watch(url, bearer(url), '?level=summary'), await watch(url)];
    await brief.told(({ t }) => t === 'ready');
    await firstValueFrom(watched.ask('apollo', 'hello'));
    const isHealthy = (record: Recorded) => record.t === 'summary' && record.states.healthy === 1;
    await Promise.all([brief.told(isHealthy), full.told(isHealthy)]);
    const kinds = (records: readonly Recorded[]) =>
      [...new Set(records.map(({ t }) => t))].filter((t) => t !== 'beat').sort();
    expect(kinds(brief.records)).toEqual(['cis', 'hello', 'ready', 'summary']);
    expect(kinds(full.records)).toEqual(['cis', 'hello', 'ready', 'summary', 'transition']);
    brief.leave();
    full.leave();
    expect((await ask(url, '/api/events?level=all', { headers: bearer(url) })).status).toBe(400);
  });

  test('gets no trace of an unknown connection', async () => {
    const { url } = await inspect(await pool());
    const watching = await watch(url);
    const headers = { ...bearer(url), 'content-type': 'application/json' };
    for (const [body, status] of [
      ['{}', 400],
      ['{"connection":"nobody#1","on":true}', 404],
      ['{"connection":"nobody#1","on":false}', 200],
    ] as const) {
      expect((await ask(url, '/api/trace', { method: 'POST', headers, body })).status).toBe(status);
    }
    watching.leave();
  });

  test('nothing is traced without a trace request', async () => {
    const watched = await pool();
    await watched.warm();
    const { url } = await inspect(watched);
    const headers = { ...bearer(url), 'content-type': 'application/json' };
    const body = '{"connection":"apollo#1","on":true}';
    expect((await ask(url, '/api/trace', { method: 'POST', headers, body })).status).toBe(409);
  });

  test('names with markup arrive unchanged', async () => {
    const name = 'a[b]/c%3Cscript%3E';
    const { url } = await inspect(await pool([name]));
    const watching = await watch(url);
    await watching.told(({ t }) => t === 'ready');
    expect(rowsIn(watching.records)[0]?.ci).toBe(name);
    const { text } = await ask(url, '/api/cis.csv', { headers: bearer(url) });
    expect(text.split('\r\n')[1]?.startsWith(`${name},`)).toBe(true);
    watching.leave();
  });
});

describe('a hundred watchers', () => {
  test('are served, the next is refused, and an ended one makes room', async () => {
    const { url } = await inspect(await pool());
    const all = await Promise.all(Array.from({ length: 100 }, () => watch(url)));
    await Promise.all(all.map((one) => one.told(({ t }) => t === 'ready')));
    await expect(watch(url)).rejects.toThrow('status 503');
    all[0]?.leave();
    let late = await watch(url).catch(() => undefined);
    while (late === undefined) late = await watch(url).catch(() => undefined);
    for (const one of [late, ...all]) one.leave();
  });
});

/** A pool that counts its listeners. */
function counted(watched: Pool) {
  const real = watchableOf(watched);
  let listeners = 0;
  let looks = 0;
  const counting: Watchable = Object.create(real, {
    states$: {
      value: {
        subscribe: (observer: never) => {
          listeners += 1;
          const subscription = real.states$.subscribe(observer);
          subscription.add(() => {
            listeners -= 1;
          });
          return subscription;
        },
      },
    },
    status: {
      value: (name: string) => {
        looks += 1;
        return real.status(name);
      },
    },
    load: { value: (name: string) => real.load(name) },
    poolLoad: { value: () => real.poolLoad() },
    cis: { get: () => real.cis },
    incidents: { get: () => real.incidents },
    state: { get: () => real.state },
    incident$: { get: () => real.incident$ },
  });
  return { pool: { [WATCHABLE]: counting } as unknown as Pool, listeners: () => listeners, looks: () => looks };
}

describe('without a watcher', () => {
  test('nothing is subscribed and nothing is computed; the last watcher releases everything', async () => {
    const watched = counted(await pool());
    const { url } = await inspect(watched.pool);
    expect([watched.listeners(), watched.looks()]).toEqual([0, 0]);
    const [one, other] = [await watch(url), await watch(url)];
    await one.told(({ t }) => t === 'summary');
    expect(watched.listeners()).toBe(1);
    one.leave();
    other.leave();
    await until(() => watched.listeners() === 0);
    const looks = watched.looks();
    await sleep(1_200);
    expect(watched.looks()).toBe(looks);
  });
});

/** Returns the state of each connection, as a page knows it from these records. */
function statesOf(records: readonly Recorded[]): Map<string, string> {
  const page = new Model();
  page.apply(records);
  return new Map(
    page
      .connections()
      .map(({ connection: { connection, state } }) => [connection, state] as const)
      .sort(),
  );
}

function trueStates(watchable: Watchable): Map<string, string> {
  const all = watchable.cis.flatMap((name) => watchable.status(name)?.connections ?? []);
  return new Map(all.map(({ connection, state }) => [connection, state] as const).sort());
}

describe('a watcher that does not read', () => {
  test('is skipped, gets the number of missed records, and the whole state anew', async () => {
    // Long names, so that there is soon more to send than the buffers of the system hold.
    const watched = await pool(Array.from({ length: 300 }, (_, index) => `${'c'.repeat(100)}-${index}`));
    await watched.warm();
    const { url } = await inspect(watched);
    const [slow, quick] = [await watch(url), await watch(url)];
    await slow.told(({ t }) => t === 'ready');
    slow.response.pause();
    const watchable = watchableOf(watched);
    while (quick.characters < 16 * MIB) {
      for (const name of watchable.cis) {
        for (const { connection } of watchable.status(name)?.connections ?? []) {
          watchable.intervene({ do: 'reconnect', connection });
        }
      }
      await sleep(20);
    }
    quick.leave();
    slow.response.resume();
    const dropped = await slow.told(({ t }) => t === 'dropped');
    const anew = () => slow.records.slice(slow.records.indexOf(dropped));
    await until(() => anew().some(({ t }) => t === 'ready'));
    expect(dropped.t === 'dropped' && dropped.count).toBeGreaterThan(0);
    await until(() => watchable.cis.every((name) => watchable.status(name)?.state === 'healthy'));
    await until(() => isDeepStrictEqual(statesOf(anew()), trueStates(watchable)));
    slow.leave();
  }, 120_000);
});

test('gets the end of the pool; the inspector ends only by itself', async () => {
  const watched = await pool();
  const { url } = await inspect(watched);
  const watching = await watch(url);
  await watching.told(({ t }) => t === 'ready');
  await watched.close();
  await watching.told((record) => record.t === 'summary' && record.pool === 'closed');
  expect((await ask(url, '/api/incidents.json', { headers: bearer(url) })).text).toBe('[]');
  watching.leave();
});
