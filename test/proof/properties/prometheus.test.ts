import fc from 'fast-check';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import type { Pool } from '../../../src/index.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { readSamples } from '../../support/read-samples.js';
import { answers, type MemoryCi, settled, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const read = async (pool: Pool, maxCis: number) => readSamples(await prometheusText(pool, { maxCis }));

type Act = { readonly do: 'ask' | 'add' | 'remove'; readonly ci: number } | { readonly do: 'scrape' };

test('over any story: no counter falls while its series is there, and all of them add up to the pool', async () => {
  const ci = fc.integer({ min: 0, max: 5 });
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('ask' as const), ci }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), ci }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('scrape' as const) }) },
  );
  let server: MemoryCi | undefined;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.integer({ min: 0, max: 4 }), async (acts, maxCis) => {
      server ??= stage.ci('all', answers);
      const { url } = server;
      const pool = stage.pool({ cis: { 'ci-0': url, 'ci-1': url, 'ci-2': url } });
      /** The counts of named CIs that have left, which no series shows any more. */
      const gone = new Map<string, number>();
      /** Of each CI: another one of the same name begins at 0. */
      let last = new Map<string, number>();
      const generations = new Map<string, number>();
      const leaving: Promise<unknown>[] = [];
      const scrape = async (): Promise<void> => {
        const metrics = await read(pool, maxCis);
        const now = new Map<string, number>();
        for (const { name, labels, value } of metrics.samples) {
          if (!/_total$|_bucket$|_sum$|_count$/.test(name)) continue;
          const { ci: of = '' } = labels;
          const key = JSON.stringify([name, labels, generations.get(of) ?? 0]);
          expect(value, key).toBeGreaterThanOrEqual(last.get(key) ?? 0);
          now.set(key, value);
        }
        // A series of the sums must not vanish either.
        for (const key of last.keys())
          if (/"ci":"_other"/.test(key) || !key.includes('"ci"')) expect(now.has(key)).toBe(true);
        last = now;
        const { totals } = pool.snapshot();
        const sum = metrics.sum('choragus_requests_total', { outcome: 'succeeded' });
        expect(sum + [...gone.values()].reduce((all, count) => all + count, 0)).toBe(totals.metrics.succeeded);
        expect(metrics.value('choragus_connects_total')).toBe(totals.metrics.connects);
      };
      for (const one of acts) {
        if (one.do === 'scrape') {
          await scrape();
          continue;
        }
        const name = `ci-${one.ci}`;
        const isThere = pool.cis.includes(name);
        if (one.do === 'ask' && isThere) await firstValueFrom(pool.ask(name, 'hello'));
        else if (one.do === 'add' && !isThere) {
          generations.set(name, (generations.get(name) ?? 0) + 1);
          pool.add(name, url);
        } else if (one.do === 'remove' && isThere) {
          // As it was last seen by a scrape now, if it has a name.
          const shown = (await read(pool, maxCis)).value('choragus_requests_total', { ci: name, outcome: 'succeeded' });
          if (shown !== undefined) gone.set(`${name}/${generations.get(name) ?? 0}`, shown);
          leaving.push(pool.remove(name));
          if (one.ci % 2 === 0) await leaving.at(-1);
        }
        await settled();
      }
      await Promise.all(leaving);
      await scrape();
      await scrape();
      await pool.close({ drainTimeoutMs: 0 });
    }),
    { numRuns: 60 },
  );
}, 60_000);
