import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { PoolOptions, PoolSnapshot } from '../../../src/index.js';
import { root } from '../../support/source-files.js';

/** A real service process with a pool and a port for scrapes. Needs `dist`. */
export interface Service extends AsyncDisposable {
  readonly port: number;
  /** Asks each of these CIs (default: all) so many times. Every fourth request is a stream. Settles when all have ended. */
  ask(times: number, to?: readonly string[]): Promise<void>;
  /** Asks all CIs in turn, so many times a second; 0 ends it. */
  load(perSecond: number): Promise<void>;
  /** Subscribes to a request and unsubscribes at once, so many times. */
  cancel(ci: string, times: number): Promise<void>;
  /** Returns the pool's own snapshot. */
  snapshot(): Promise<PoolSnapshot>;
  /** Kills the process. */
  kill(): Promise<void>;
}

/** Starts a service. Settles once it listens, and all CIs that can be dialled are linked. */
export async function startService(
  cis: Readonly<Record<string, string>>,
  pool: Omit<PoolOptions, 'cis' | 'logger'>,
): Promise<Service> {
  const child = fork(`${root}test/proof/monitoring/service.mjs`, [JSON.stringify({ cis, pool })], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
  });
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  let next = 0;
  const order = <T>(name: string, rest: object = {}): Promise<T> => {
    const id = next++;
    const answer = new Promise<T>((resolve, reject) => {
      const onMessage = (message: { id?: number; answer?: T; error?: string }): void => {
        if (message.id !== id) return;
        child.off('message', onMessage);
        if (message.error === undefined) resolve(message.answer as T);
        else reject(new Error(message.error));
      };
      child.on('message', onMessage);
    });
    child.send({ id, order: name, ...rest });
    return answer;
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    port,
    ask: (times, to) => order('ask', { times, to }),
    load: (perSecond) => order('load', { perSecond }),
    cancel: (ci, times) => order('cancel', { ci, times }),
    snapshot: () => order('snapshot'),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
