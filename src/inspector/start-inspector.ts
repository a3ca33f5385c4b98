import * as v from 'valibot';
import { check, optionsOf } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { PoolFeed } from './feed/pool-feed.js';
import { listenOptions, serveFeed } from './server/serve-feed.js';

/** Options of {@link startInspector}. */
export interface InspectorOptions {
  /** Default: 0, any that is free. */
  readonly port?: number | undefined;
  /** Default: `127.0.0.1`. On any other, whoever reaches it and has the token can watch. */
  readonly host?: string | undefined;
  /** What a watcher must know; at least 16 characters. Default: drawn anew. */
  readonly token?: string | undefined;
  /** Whether the page may intervene: reconnect, retire, ping, drain, lift a quarantine. Default: false. */
  readonly actions?: boolean | undefined;
  /** Whether a traced connection's requests are told of: their sizes and times, and how they ended; no content. Default: false. */
  readonly sizes?: boolean | undefined;
}

/** An inspector at work. */
export interface Inspector extends AsyncDisposable {
  /** To be opened in a browser; holds the token. */
  readonly url: string;
  /** Ends the server and all who watch. The pool goes on. */
  close(): Promise<void>;
}

const schema = optionsOf({
  ...listenOptions,
  actions: v.optional(v.boolean('true or false'), false),
  sizes: v.optional(v.boolean('true or false'), false),
});

/**
 * Serves a page that shows a running pool: states, statecharts, a timeline, live. Nothing is installed in the pool until somebody
 * watches; no message content is shown; the process is not kept alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option, and for what is no pool; rejects with the system's error when it cannot listen.
 *
 * @example
 * ```ts
 * const inspector = await startInspector(pool);
 * console.log(inspector.url);
 * ```
 */
export async function startInspector(pool: Pool, options: InspectorOptions = {}): Promise<Inspector> {
  const of = 'startInspector';
  const read = check(schema, options, { of, secrets: ['token'] });
  const { port, host, actions, sizes, token } = read;
  const feed = new PoolFeed(watchableOf(pool, of), { may: { actions }, requests: sizes ? 'sizes' : 'nothing' });
  const { url, close } = await serveFeed(feed, { host, port, token });
  return { url, close, [Symbol.asyncDispose]: close };
}
