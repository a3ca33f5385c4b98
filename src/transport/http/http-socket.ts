import type net from 'node:net';
import type { Client, Dispatcher } from 'undici';
import type { SocketPast } from './socket-reuse.js';

/** undici closes an idle socket this long before the time that the server announced, in ms. */
const MARGIN_MS = 1_000;
/** How long an idle socket is kept if the server announces no time, in ms. */
const LONGEST_IDLE_MS = 600_000;

/** Opens a socket. Calls back once, with the socket or with the error. Returns a function that cancels. */
export type Opener = (done: (error: unknown, socket?: net.Socket) => void) => () => void;

type UndiciClient = new (origin: string, options: Client.Options) => Client;

/** One socket to a server, with one request at a time, and the history of the socket. */
export class HttpSocket implements SocketPast {
  readonly #client: Client;
  #socket: net.Socket;
  #openedMs = performance.now();
  #answers = 0;
  #firstAnswerMs = 0;
  #lastAnswerMs = 0;
  #keptMs: number | undefined;
  #state: 'idle' | 'asking' | 'closed' = 'idle';
  #hasFailed = false;
  /** Called once, when the server closes the socket while it is idle. */
  onClosed: (() => void) | undefined;

  /**
   * @param socket - An open socket. undici checks right before each write whether the server has closed it. If so,
   * nothing of the request has left, and undici sends it on a socket that `reopen` opens.
   */
  constructor(Client: UndiciClient, origin: string, socket: net.Socket, reopen: Opener) {
    this.#socket = socket;
    this.#watch(socket);
    let isFirst = true;
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: LONGEST_IDLE_MS,
      keepAliveMaxTimeout: LONGEST_IDLE_MS,
      keepAliveTimeoutThreshold: MARGIN_MS,
      // A model may take minutes to load and to answer: the request's own deadlines apply.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, done) => {
        if (isFirst) {
          isFirst = false;
          // undici does not expect a result within the call.
          return queueMicrotask(() => done(null, socket));
        }
        reopen((error, next) => {
          if (next === undefined) return done(error as Error, null);
          this.#begin(next);
          done(null, next);
        });
      },
    });
    this.#client.on('disconnect', (_origin, _targets, error) => this.#disconnected(error));
  }

  get openedMs(): number {
    return this.#openedMs;
  }

  get answers(): number {
    return this.#answers;
  }

  get firstAnswerMs(): number {
    return this.#firstAnswerMs;
  }

  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  get keptMs(): number | undefined {
    return this.#keptMs;
  }

  get isOpen(): boolean {
    return this.#state !== 'closed' && !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** Returns whether the server has just closed the socket, and `onClosed` has not been called. */
  get isClosing(): boolean {
    return this.#state === 'idle' && !this.isOpen;
  }

  /** Returns whether the network or the peer broke the connection, even if the bytes look complete. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Sends a request, and passes its events to `handler`. The caller must call `answered` or `destroy` afterwards. */
  ask(request: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler): void {
    this.#state = 'asking';
    this.#client.dispatch(request, handler);
  }

  /**
   * Ends an answer. `keptMs`: how long the server announced that it keeps the socket. Returns whether the socket is
   * still open; if it is about to close, `onClosed` follows.
   */
  answered(keptMs: number | undefined): boolean {
    this.#answers += 1;
    this.#lastAnswerMs = performance.now();
    if (this.#answers === 1) this.#firstAnswerMs = this.#lastAnswerMs;
    this.#keptMs = keptMs === undefined ? undefined : Math.max(keptMs - MARGIN_MS, 0);
    if (this.#state === 'asking') this.#state = 'idle';
    return this.#state === 'idle';
  }

  /** Closes the socket at once. Cancels a request on it without a report. */
  destroy(): void {
    this.#state = 'closed';
    this.onClosed = undefined;
    // Rejects if it was destroyed before.
    this.#client.destroy().catch(() => {});
    this.#socket.destroy();
  }

  #begin(socket: net.Socket): void {
    this.#socket = socket;
    this.#openedMs = performance.now();
    this.#answers = 0;
    this.#hasFailed = false;
    this.#watch(socket);
  }

  #watch(socket: net.Socket): void {
    socket.on('error', () => {
      if (socket === this.#socket) this.#hasFailed = true;
    });
  }

  #disconnected(error: Error & { code?: string }): void {
    const wasIdle = this.#state === 'idle';
    this.#state = 'closed';
    // undici closes a socket that the server does not keep, and one that was idle for the announced time. Only the
    // first is the server's close.
    if (wasIdle && !/idle timeout/.test(error.message)) this.onClosed?.();
  }
}
