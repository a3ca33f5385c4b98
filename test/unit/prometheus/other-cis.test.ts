import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Pool } from '../../../src/index.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { type Metrics, readSamples } from '../../support/read-samples.js';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const read = async (pool: Pool, maxCis: number) => readSamples(await prometheusText(pool, { maxCis }));
const succeeded = ({ value }: Metrics, ci: string) => value('choragus_requests_total', { ci, outcome: 'succeeded' });

async function asked(pool: Pool, ci: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await firstValueFrom(pool.ask(ci, 'hello'));
}

describe('past maxCis', () => {
  test('the first ones keep their names, and the others are summed', async () => {
    const { url } = stage.ci('all', answers);
    const pool = stage.pool({ cis: { a: url, b: url, c: url, d: url } });
    for (const [index, ci] of [...pool.cis].entries()) await asked(pool, ci, index + 1);
    const metrics = await read(pool, 2);
    expect(['a', 'b', 'c', 'd', '_other'].map((ci) => succeeded(metrics, ci))).toEqual([1, 2, undefined, undefined, 7]);
    expect(metrics.value('choragus_request_duration_seconds_count', { ci: '_other' })).toBe(7);
    expect(metrics.value('choragus_connections', { ci: '_other', state: 'healthy' })).toBe(2);
    const all = await read(pool, 0);
    expect(succeeded(all, '_other')).toBe(10);
    expect((await read(pool, 4)).sum('choragus_requests_total', { ci: '_other' })).toBe(0);
  });

  test('a removed CI takes nothing away from a sum, and its history is added to none', async () => {
    const { url } = stage.ci('all', answers);
    const pool = stage.pool({ cis: { a: url, b: url, c: url } });
    for (const ci of pool.cis) await asked(pool, ci, 5);
    expect(succeeded(await read(pool, 1), '_other')).toBe(10);
    await pool.remove('c');
    await pool.remove('a');
    const after = await read(pool, 1);
    expect([succeeded(after, 'a'), succeeded(after, 'b'), succeeded(after, '_other')]).toEqual([
      undefined,
      undefined,
      10,
    ]);
    // The free name goes to the next one that is added.
    pool.add('d', url);
    pool.add('a', url);
    await asked(pool, 'd', 2);
    await asked(pool, 'a', 1);
    const later = await read(pool, 1);
    expect([succeeded(later, 'd'), succeeded(later, 'a'), succeeded(later, '_other')]).toEqual([2, undefined, 11]);
  });

  test('a CI that came and went between two scrapes is counted', async () => {
    const { url } = stage.ci('all', answers);
    const pool = stage.pool({ cis: { a: url } });
    await read(pool, 5);
    pool.add('brief', url);
    await asked(pool, 'brief', 3);
    await pool.remove('brief');
    const metrics = await read(pool, 5);
    expect([succeeded(metrics, 'brief'), succeeded(metrics, '_other')]).toEqual([undefined, 3]);
    expect(metrics.value('choragus_ci_up', { ci: '_other' })).toBeUndefined();
  });

  test('a CI that is called _other is among the others', async () => {
    const { url } = stage.ci('all', answers);
    const pool = stage.pool({ cis: { _other: url, a: url } });
    await asked(pool, '_other', 2);
    await asked(pool, 'a', 1);
    const metrics = await read(pool, 5);
    expect([succeeded(metrics, '_other'), succeeded(metrics, 'a')]).toEqual([2, 1]);
  });

  test('the others are down if one of them is', async () => {
    const { url } = stage.ci('all', answers);
    const pool = stage.pool({ cis: { a: url, b: url, c: 'memory://nobody' } });
    await pool.warm();
    expect((await read(pool, 1)).value('choragus_ci_up', { ci: '_other' })).toBe(0);
    await pool.remove('c');
    expect((await read(pool, 1)).value('choragus_ci_up', { ci: '_other' })).toBe(1);
  });
});
