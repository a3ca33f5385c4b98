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

/** What is known of a CI's server before it is dialled. */
export interface OriginParts {
  readonly address: ModelAddress;
  readonly dialect: ChatDialect;
  readonly target: Target;
  /** Of each request. Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe | undefined;
  readonly finishGraceMs: number;
}

/** One CI's server: how it is reached, and what has been learned of it, which all connections of the CI share. */
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

  /** The path that a sign of life is asked for at; undefined where a connect is one. */
  get lifePath(): string | undefined {
    if (this.#probe === 'connect') return undefined;
    return this.#probe === 'path' || this.#probe === undefined ? this.dialect.probePath : this.#probe;
  }

  /** A connection of the CI begins to dial. Returns what it asks for, if anything: the first says whether the server is there. */
  linkOpened(): string | undefined {
    this.#links += 1;
    if (this.#probe !== undefined) return this.lifePath;
    if (this.#probed !== 'not') return undefined;
    this.#probed = 'under way';
    return this.lifePath;
  }

  /** What the probe of a dial came to. */
  probed(result: 'there' | 'not there'): void {
    if (this.#probed !== 'done') this.#probed = result === 'there' ? 'done' : 'not';
  }

  /** A connection of the CI has closed. With the last of them, nothing stays open. */
  linkClosed(): void {
    this.#links -= 1;
    if (this.#links > 0) return;
    this.retired.clear();
    if (this.#probed === 'under way') this.#probed = 'not';
  }

  /** The server is gone, as a dial has shown: who comes back may be another. */
  gone(): void {
    this.reuse.forget();
    this.usage.forget();
  }

  /** Whether to have the tokens of a chat counted, by an option that not all servers know. */
  usageFor({ fields }: Chat): UsageAsked {
    return this.dialect.countsWhenAsked && this.usage.isAsked && fields.stream_options === undefined
      ? 'asked'
      : 'not asked';
  }

  /** Opens a socket to it. What fails is a `ChoragusError`: `unavailable`. */
  readonly open: Opener = (done) => {
    const socket = this.#open();
    let isOver = false;
    const over = (error?: unknown): void => {
      // What was handed over is not ours to close.
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

  /** Puts HTTP on a socket that is up. `reopen` opens another, where the server had closed this one before it was written to. */
  speakOn(socket: net.Socket, reopen: Opener = this.open): HttpSocket {
    return new HttpSocket(this.#undici.Client, this.#address.origin, socket, reopen);
  }
}

/** Prepares to open sockets to a CI's server. @throws ChoragusError `invalid_config` for TLS options that cannot be read. */
export function originOpener({ address: { wire, host, port }, target }: OriginParts): () => net.Socket {
  return socketOpener({ wire, host, port }, target);
}
