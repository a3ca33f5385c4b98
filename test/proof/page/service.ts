import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { PoolOptions } from '../../../src/index.js';
import type { InspectorOptions } from '../../../src/inspector/index.js';
import { root } from '../../support/source-files.js';

/** A CI that fails: `hung` answers nothing, `erring` answers with errors, `down` refuses connections. Each has that name. */
export type Failing = 'hung' | 'erring' | 'down';

/** Configures a service. */
export interface ServiceOptions {
  /** Number of healthy CIs, `ci-0` to `ci-N`, each with one link that is up. Default: 10. */
  readonly cis?: number;
  /** The CIs that fail, beside the healthy ones. Default: none. */
  readonly failing?: readonly Failing[];
  /** Asks per second to all CIs in turn. Default: 0, a quiet service. */
  readonly asksPerSecond?: number;
  readonly inspector?: InspectorOptions;
  readonly pool?: Omit<PoolOptions, 'cis' | 'logger'>;
}

/** A real service process: its own CIs, a pool and an inspector. Needs `dist`. */
export interface Service extends AsyncDisposable {
  /** The inspector's link, with its token. Another one after a restart. */
  readonly url: string;
  /** The inspector's address without the token. */
  readonly origin: string;
  /** Changes the speed of asks; 0 ends them. */
  load(asksPerSecond: number): Promise<void>;
  /** Cuts all links to the healthy CIs, and refuses new ones. */
  cut(): Promise<void>;
  /** Lets the healthy CIs accept links again. */
  mend(): Promise<void>;
  /** Reconnects this number of links a second, one after another; 0 ends it. Each link changes its state several times. */
  churn(linksPerSecond: number): Promise<void>;
  /** Blocks the event loop. Settles once it runs again. */
  block(ms: number): Promise<void>;
  /** Stops the process (SIGSTOP). Its sockets stay open. */
  freeze(): void;
  /** Continues a stopped process (SIGCONT). */
  thaw(): void;
  /** Returns the pool's own number of connections in each state; a state without connections is absent. */
  counts(): Promise<Readonly<Record<string, number>>>;
  add(ci: string): Promise<void>;
  remove(ci: string): Promise<void>;
  /** Starts `recordTo`. */
  record(path: string): Promise<void>;
  /** Ends `recordTo`. Settles once the file is complete. */
  endRecord(): Promise<void>;
  /** Kills the process. */
  stop(): Promise<void>;
  /** Kills the process and starts another one on the same port, with another token unless one is given. */
  restart(options?: ServiceOptions): Promise<void>;
}

/** Starts a service. Settles once all healthy CIs are linked. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  let { child, url } = await launched(options);
  const port = Number(new URL(url).port);
  let next = 0;
  const order = async <T>(name: string, rest: object = {}): Promise<T> => {
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
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    get url() {
      return url;
    },
    origin: new URL(url).origin,
    load: (asksPerSecond) => order('load', { asksPerSecond }),
    cut: () => order('cut'),
    mend: () => order('mend'),
    churn: (linksPerSecond) => order('churn', { linksPerSecond }),
    block: (ms) => order('block', { ms }),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    counts: () => order('counts'),
    add: (ci) => order('add', { ci }),
    remove: (ci) => order('remove', { ci }),
    record: (path) => order('record', { path }),
    endRecord: () => order('endRecord'),
    stop,
    restart: async (changed = {}) => {
      await stop();
      ({ child, url } = await launched({ ...options, ...changed, inspector: { ...changed.inspector, port } }));
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function launched(options: ServiceOptions): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(`${root}test/proof/page/service.mjs`, [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`the service ended at its start, with code ${code}`);
  });
  // Only a start is awaited: a later exit concerns nobody here.
  early.catch(() => {});
  const [{ url }] = (await Promise.race([once(child, 'message'), early])) as [{ url: string }];
  return { child, url };
}
