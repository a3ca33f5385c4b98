import type net from 'node:net';

/** A server that listens, and its sockets. */
export interface Listener {
  readonly url: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** Number of open connections. */
  readonly open: number;
  /** Number of connections ever accepted. */
  readonly accepted: number;
  /** Settles as soon as no socket is open. */
  whenEmpty(): Promise<void>;
  /** Stops listening until `resume`. Open sockets stay open. */
  pause(): void;
  /** Listens again on the same address. Rejects if the system refuses. */
  resume(): Promise<void>;
  /** Stops listening, destroys all sockets and waits until none is open. */
  close(): Promise<void>;
}

/**
 * Counts the sockets of one listener, from the accept to the `close` event.
 *
 * @internal
 */
export class SocketRegister {
  readonly #sockets = new Set<net.Socket>();
  #open = 0;
  #accepted = 0;
  #waiting: (() => void)[] = [];

  /** Registers a connection that the system accepted. */
  accepted(socket: net.Socket): void {
    this.#accepted += 1;
    this.#open += 1;
    socket.once('close', () => {
      this.#open -= 1;
    });
    this.opened(socket);
  }

  /** Registers a socket: an accepted connection, or the TLS socket on top of it. */
  opened(socket: net.Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    // After a reset by the client 'close' follows. Without a listener the error would end the process.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#settle();
    });
  }

  /** Returns the listener. `listenAgain` makes a closed server listen on its address again. */
  listener(server: net.Server, url: string, port: number, listenAgain: () => Promise<void>): Listener {
    const register = this;
    let closing: Promise<void> | undefined;
    return {
      url,
      port,
      get open() {
        return register.#open;
      },
      get accepted() {
        return register.#accepted;
      },
      whenEmpty: () => register.#whenEmpty(),
      pause: () => void server.close(),
      resume: () => (closing === undefined && !server.listening ? listenAgain() : Promise.resolve()),
      close: () => {
        closing ??= register.#close(server);
        return closing;
      },
    };
  }

  async #close(server: net.Server): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#whenEmpty();
  }

  #whenEmpty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
