import * as v from 'valibot';
import { check, optionsOf } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { watchableOf } from '../observe/watchable.js';
import { PoolFeed } from './feed/pool-feed.js';
import { listenOptions, serveFeed } from './server/serve-feed.js';

/** Configures {@link startInspector}. */
export interface InspectorOptions {
  /** The port, 0 to 65,535. Default: 0, a free port. */
  readonly port?: number | undefined;
  /**
   * The address to listen on. Default: `127.0.0.1`. With another address, everyone who can reach it and knows the token
   * can watch.
   */
  readonly host?: string | undefined;
  /** The secret that a watcher must send, at least 16 characters. Default: a random one. */
  readonly token?: string | undefined;
  /**
   * Names, with or without a port, that a browser may use besides the loopback names and `host`, for port forwarding and proxies:
   * `['box.example:8443']`. Without a port, each port is permitted. Default: none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** If true, nobody may act, whatever `actions` says. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** If true, the page offers actions: reconnect, retire, ping, drain, lift a quarantine. Default: false. */
  readonly actions?: boolean | undefined;
  /**
   * If true, the page shows the size, times and outcome of each request of a traced connection, without content.
   * Default: false.
   */
  readonly sizes?: boolean | undefined;
}

/** Describes a running inspector. */
export interface Inspector extends AsyncDisposable {
  /** The address to open in a browser. It contains the token. */
  readonly url: string;
  /** The address for people who may watch and not act. It contains a token of its own. */
  readonly readOnlyUrl: string;
  /** Ends all sessions of browsers and disconnects them. Their people must open a link again; both links stay valid. */
  endSessions(): void;
  /** Stops the server and disconnects all watchers. The pool stays open. */
  close(): Promise<void>;
}

const schema = optionsOf({
  ...listenOptions,
  actions: v.optional(v.boolean('true or false'), false),
  readOnly: v.optional(v.boolean('true or false'), false),
  sizes: v.optional(v.boolean('true or false'), false),
});

/**
 * Serves a page that shows a running pool live: states, statecharts, a timeline. The page shows no message content. While nobody
 * watches, the inspector only reads the counters every 5 s. It does not keep the process alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool; the system's error if it cannot
 *   listen.
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
  const { port, host, actions, readOnly, sizes, token, allowedHosts } = read;
  const feed = new PoolFeed(watchableOf(pool, of), {
    may: { actions: actions && !readOnly },
    requests: sizes ? 'sizes' : 'nothing',
  });
  const { url, readOnlyUrl, endSessions, ...server } = await serveFeed(feed, { host, port, token, allowedHosts });
  feed.start();
  const close = (): Promise<void> => {
    feed.close();
    return server.close();
  };
  return { url, readOnlyUrl, endSessions, close, [Symbol.asyncDispose]: close };
}
