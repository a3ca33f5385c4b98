import type { PoolOptions } from '../../../src/contract/index.js';
import { createTektonClient, type TektonClient } from '../../../src/tekton/index.js';
import { FakePool, type Script } from './fake-pool.js';

/** A client over a fake pool, with a record of the direct pools it opened. */
export interface Fixture {
  readonly client: TektonClient;
  readonly pool: FakePool;
  readonly directs: { readonly options: PoolOptions; readonly pool: FakePool }[];
  /** The current time of the client. */
  readonly clock: { ms: number };
}

/** Makes a client over a fake pool and fake direct pools. */
export function fixture(
  script: Script = {},
  { cis, direct = {}, directOptions }: { cis?: PoolOptions['cis']; direct?: Script; directOptions?: PoolOptions } = {},
): Fixture {
  const pool = new FakePool(script, cis);
  const directs: { options: PoolOptions; pool: FakePool }[] = [];
  const clock = { ms: 0 };
  const client = createTektonClient({
    pool: () => pool,
    direct: (options) => {
      const opened = new FakePool(direct, options.cis);
      directs.push({ options, pool: opened });
      return opened;
    },
    directOptions: directOptions === undefined ? undefined : () => directOptions,
    now: () => clock.ms,
  });
  return { client, pool, directs, clock };
}
