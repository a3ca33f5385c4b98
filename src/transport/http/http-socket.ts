import type net from 'node:net';
import type { Client, Dispatcher } from 'undici';
import type { SocketPast } from './socket-reuse.js';

/** undici closes an idle socket so long before the server said that it would, in ms. */
const MARGIN_MS = 1_000;
/** An idle socket is kept for so long where the server does not say, in ms. */
const LONGEST_IDLE_MS = 600_000;

/** How a socket is opened: calls back once, with the socket or with why there is none. Returns what cancels. */
export type Opener = (done: (error: unknown, socket?: net.Socket) => void) => () => void;

type UndiciClient = new (origin: string, options: Client.Options) => Client;

/** One socket to a server, on which requests go one after the other, and what has happened on it. */
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
  /** Called once, when the server closes it while nothing is asked. */
  onClosed: (() => void) | undefined;

  /**
   * @param socket - One that is up. undici finds out right before it writes whether the server has closed it meanwhile; nothing of the
   *   request has left then, and it goes over one that `reopen` opens.
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
      // A model may take minutes to load, and to think: the request's own deadlines watch.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, done) => {
        if (isFirst) {
          isFirst = false;
          // undici does not expect an answer within the call.
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

  /** Whether the server has just closed it, and `onClosed` is about to say so. */
  get isClosing(): boolean {
    return this.#state === 'idle' && !this.isOpen;
  }

  /** Whether the network or the peer broke it off, also where what came looks whole. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Sends a request. `handler` is told what comes of it; `answered` or `destroy` must follow. */
  ask(request: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler): void {
    this.#state = 'asking';
    this.#client.dispatch(request, handler);
  }

  /**
   * The answer has come to its end; `keptMs`: how long the server said that it keeps the socket. Returns whether it is still there; where it
   * is about to close, `onClosed` tells.
   */
  answered(keptMs: number | undefined): boolean {
    this.#answers += 1;
    this.#lastAnswerMs = performance.now();
    if (this.#answers === 1) this.#firstAnswerMs = this.#lastAnswerMs;
    this.#keptMs = keptMs === undefined ? undefined : Math.max(keptMs - MARGIN_MS, 0);
    if (this.#state === 'asking') this.#state = 'idle';
    return this.#state === 'idle';
  }

  /** Closes it at once; what is asked on it is given up, and nobody is told. */
  destroy(): void {
    this.#state = 'closed';
    this.onClosed = undefined;
    // Rejects where it has been destroyed before.
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
    // undici closes a socket that the server does not keep, and one that was idle for as long as the server keeps it: the latter is ours.
    if (wasIdle && !/idle timeout/.test(error.message)) this.onClosed?.();
  }
}
