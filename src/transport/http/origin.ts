import type net from 'node:net';
import type { Target } from '../../contract/index.js';
import { ChoragusError, dialTimedOut, ownEcho } from '../../errors/index.js';
import { fromNodeError } from '../socket/node-error.js';
import { CONNECT_TIMEOUT_MS, isOwnEcho, socketOpener, upEvents } from '../socket/open-socket.js';
import type { Chat, ChatDialect } from './dialect.js';
import { HttpSocket, type Opener } from './http-socket.js';
import type { ModelAddress } from './model-address.js';
import type { Probe } from './model-server-options.js';
import { RetiredSockets } from './retired-sockets.js';
import { SocketReuse } from './socket-reuse.js';
import { type UsageAsked, UsageOption } from './usage-option.js';

/** The address and the settings of a CI's server. */
export interface OriginParts {
  readonly address: ModelAddress;
  readonly dialect: ChatDialect;
  readonly target: Target;
  /** Headers of each request. Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe | undefined;
  readonly finishGraceMs: number;
}

/** One CI's model server: its settings, and what was learned about it. All connections of the CI share it. */
export class Origin {
  readonly dialect: ChatDialect;
  readonly ci: string;
  readonly maxReplyBytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly finishGraceMs: number;
  readonly usage = new UsageOption();
  readonly reuse = new SocketReuse();
  readonly retired = new RetiredSockets(this.reuse);
  readonly #undici: typeof import('undici');
  readonly #address: ModelAddress;
  readonly #open: () => net.Socket;
  readonly #connectTimeoutMs: number;
  readonly #probe: Probe | undefined;
  #probed: 'not' | 'under way' | 'done' = 'not';
  #links = 0;

  /** @throws ChoragusError `invalid_config` for TLS options that cannot be read. */
  constructor(parts: OriginParts, open: () => net.Socket, undici: typeof import('undici')) {
    const { address, dialect, target, headers, probe, finishGraceMs } = parts;
    this.dialect = dialect;
    this.ci = target.ci;
    this.maxReplyBytes = target.maxReplyBytes;
    this.headers = headers;
    this.finishGraceMs = finishGraceMs;
    this.#undici = undici;
    this.#address = address;
    this.#open = open;
    this.#connectTimeoutMs = target.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.#probe = probe;
  }

  /** Returns the path for a sign of life; undefined if a connect is enough. */
  get lifePath(): string | undefined {
    if (this.#probe === 'connect') return undefined;
    return this.#probe === 'path' || this.#probe === undefined ? this.dialect.probePath : this.#probe;
  }

  /**
   * Notes that a connection begins to dial. Returns the path that it must probe, if any: the first one checks that the
   * server is up.
   */
  linkOpened(): string | undefined {
    this.#links += 1;
    if (this.#probe !== undefined) return this.lifePath;
    if (this.#probed !== 'not') return undefined;
    this.#probed = 'under way';
    return this.lifePath;
  }

  /** Notes the result of a probe. */
  probed(result: 'there' | 'not there'): void {
    if (this.#probed !== 'done') this.#probed = result === 'there' ? 'done' : 'not';
  }

  /** Notes that a connection has closed. The last one closes all retired sockets. */
  linkClosed(): void {
    this.#links -= 1;
    if (this.#links > 0) return;
    this.retired.clear();
    if (this.#probed === 'under way') this.#probed = 'not';
  }

  /** Forgets what was learned, because a dial failed: another server may return. */
  gone(): void {
    this.reuse.forget();
    this.usage.forget();
  }

  /** Returns whether to ask for token counts. Not all servers know the option. */
  usageFor({ fields }: Chat): UsageAsked {
    return this.dialect.countsWhenAsked && this.usage.isAsked && fields.stream_options === undefined
      ? 'asked'
      : 'not asked';
  }

  /** Opens a socket. Errors are `ChoragusError`s with the code `unavailable`. */
  readonly open: Opener = (done) => {
    const socket = this.#open();
    let isOver = false;
    const over = (error?: unknown): void => {
      // The caller owns a socket that it has received.
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.off('error', failed).off('close', closed).off(upEvents[this.#address.wire], up);
      // A late error without a listener would end the process.
      socket.on('error', () => {});
      if (error !== undefined) socket.destroy();
    };
    const failed = (error: unknown): void => {
      over(error);
      done(error instanceof ChoragusError ? error : fromNodeError(error, 'dialling', this.ci));
    };
    const closed = (): void => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const up = (): void => {
      if (isOwnEcho(socket)) return failed(ownEcho(this.ci));
      over();
      done(undefined, socket);
    };
    const timer = setTimeout(() => failed(dialTimedOut(this.#connectTimeoutMs)), this.#connectTimeoutMs).unref();
    socket.once('error', failed).once('close', closed).once(upEvents[this.#address.wire], up);
    return () => over(true);
  };

  /** Speaks HTTP on an open socket. `reopen` opens another one if the server closes this one before the write. */
  speakOn(socket: net.Socket, reopen: Opener = this.open): HttpSocket {
    return new HttpSocket(this.#undici.Client, this.#address.origin, socket, reopen);
  }
}

/**
 * Returns a function that opens sockets to a CI's server. @throws ChoragusError `invalid_config` for TLS options that
 * cannot be read.
 */
export function originOpener({ address: { wire, host, port }, target }: OriginParts): () => net.Socket {
  return socketOpener({ wire, host, port }, target);
}
