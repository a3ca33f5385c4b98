import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { aFunction, check, optionsOf } from '../../checks/index.js';
import { wsPackage } from '../../node/optional-peer.js';
import type { Redact } from '../content/redact.js';
import type { Access, Refusal } from '../server/access.js';
import { listenOptions, serveFeed } from '../server/serve-feed.js';
import { ForeignFeed } from './foreign-feed.js';
import { refusalOfReport } from './refusal-of-report.js';

/** Most programs at once. */
const MOST_PROGRAMS = 50;
const MOST_BYTES = 1_048_576;
const FULL: Refusal = { status: 503, text: `${MOST_PROGRAMS} programs are connected, the most allowed: end one.` };

/** Configures {@link startForeignInspector}. */
export interface ForeignInspectorOptions {
  /** The port, 0 to 65,535. Default: 0, a free port. */
  readonly port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The secret that a watcher must send, at least 16 characters. Default: a random one. */
  readonly token?: string | undefined;
  /**
   * Names, with or without a port, that a browser may use besides the loopback names and `host`, for port forwarding and proxies:
   * `['box.example:8443']`. Without a port, each port is permitted. Default: none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Decides what is shown of the programs' events and contexts. It is applied before anything is kept or sent to a page.
   * Values of keys such as `password`, `token` and `authorization` never reach it: they are always redacted.
   *
   * @example
   * ```ts
   * const redact = (value: unknown, path: readonly (string | number)[]) => (path.at(-1) === 'email' ? '[email]' : value);
   * ```
   */
  readonly redact?: Redact | undefined;
}

/** Describes a running inspector without a pool. */
export interface ForeignInspector extends AsyncDisposable {
  /** The address to open in a browser. It contains the token. */
  readonly url: string;
  /** The address for `createWebSocketInspector({ url })` of `@statelyai/inspect` in a Node program. */
  readonly wsUrl: string;
  /** Number of messages that the inspector did not understand. */
  readonly dropped: number;
  /** Ends all sessions of browsers and disconnects them. Their people must open the URL again. Programs stay connected. */
  endSessions(): void;
  /** Stops the server and disconnects all watchers and programs. */
  close(): Promise<void>;
}

const schema = optionsOf({
  ...listenOptions,
  redact: v.optional(aFunction<Redact>()),
});

/**
 * Starts the inspector's page without a pool, for any xstate 5 program that reports to it with `@statelyai/inspect`.
 * Needs the package `ws`.
 *
 * A Node program of this machine needs no token. All others need it (`ws://…/?token=…`): a page in a browser, because any
 * page of the internet can open a WebSocket to a port of this machine, and a program that comes from another machine or
 * under a name of `allowedHosts`.
 *
 * @throws ChoragusError `invalid_config` for a bad option, and if `ws` is not installed; the system's error if it
 *   cannot listen.
 */
export async function startForeignInspector(options: ForeignInspectorOptions = {}): Promise<ForeignInspector> {
  const read = check(schema, options, { of: 'startForeignInspector', secrets: ['token'] });
  const { port, host, token, allowedHosts, redact } = read;
  const { WebSocketServer } = await wsPackage.load('This inspector');
  const feed = new ForeignFeed(redact);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES, perMessageDeflate: false });
  let sessions = 0;
  let dropped = 0;
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, access: Access): void => {
    const refused = sockets.clients.size >= MOST_PROGRAMS ? FULL : refusalOfReport(request, access);
    if (refused !== undefined) return refuse(socket, refused);
    sockets.handleUpgrade(request, socket, head, (program) => {
      sessions += 1;
      receive(program, `program-${sessions}`, feed, () => {
        dropped += 1;
      });
    });
  };
  const served = await serveFeed(feed, { host, port, token, allowedHosts, onUpgrade });
  const close = async (): Promise<void> => {
    for (const program of sockets.clients) program.terminate();
    sockets.close();
    await served.close();
  };
  return {
    url: served.url,
    wsUrl: `ws://${host.includes(':') ? `[${host}]` : host}:${served.port}/`,
    get dropped() {
      return dropped;
    },
    endSessions: served.endSessions,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function refuse(socket: Duplex, { status, text }: Refusal): void {
  const body = `${text}\n`;
  const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n\r\n${body}`);
}

function receive(program: WebSocket, session: string, feed: ForeignFeed, onDropped: () => void): void {
  program.on('message', (data) => {
    try {
      if (!feed.take(session, JSON.parse(String(data)))) onDropped();
    } catch {
      onDropped();
    }
  });
  // The frame is too large or invalid. The connection closes.
  program.on('error', onDropped);
  program.on('close', () => feed.leave(session));
}
