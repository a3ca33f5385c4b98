import type { HttpSocket } from './http-socket.js';
import { LOOKS_MS, type SocketReuse } from './socket-reuse.js';

/** The largest number of sockets that are watched at once; further ones are closed. */
const MOST_WATCHED = 8;
/** Only one socket is watched for longer than the others, up to this long, in ms. */
const LONGEST_WATCH_MS = 128_000;

/**
 * Keeps retired sockets open to learn how long the server keeps them. It is better for the client if the server closes
 * first: the side that closes first holds the port for a minute (TIME_WAIT).
 */
export class RetiredSockets {
  readonly #reuse: SocketReuse;
  readonly #watched = new Map<HttpSocket, NodeJS.Timeout>();
  #longest: HttpSocket | undefined;

  constructor(reuse: SocketReuse) {
    this.#reuse = reuse;
  }

  /** Adds an idle socket. Calls `onClosed` if the server closes it. */
  add(socket: HttpSocket, onClosed: () => void): void {
    if (!socket.isOpen || socket.answers === 0 || this.#watched.size >= MOST_WATCHED) return socket.destroy();
    socket.onClosed = () => {
      this.#leave(socket);
      this.#reuse.closed(socket, performance.now());
      onClosed();
    };
    const [soonMs] = LOOKS_MS;
    this.#lookIn(socket, soonMs - (performance.now() - socket.lastAnswerMs));
  }

  /** Closes all of them. */
  clear(): void {
    for (const socket of [...this.#watched.keys()]) this.#end(socket);
  }

  #lookIn(socket: HttpSocket, delayMs: number): void {
    this.#watched.set(socket, setTimeout(() => this.#look(socket), Math.max(delayMs, 1)).unref());
  }

  #look(socket: HttpSocket): void {
    // Reads pending bytes first, so that a socket that the server has closed does not count as open.
    setImmediate(() => {
      if (!this.#watched.has(socket)) return;
      if (!socket.isOpen) return this.#end(socket);
      const nowMs = performance.now();
      this.#reuse.survived(socket, nowMs);
      this.#longest ??= socket;
      const idleMs = nowMs - socket.lastAnswerMs;
      if (this.#longest !== socket || idleMs >= LONGEST_WATCH_MS) return this.#end(socket);
      const [, settledMs] = LOOKS_MS;
      this.#lookIn(socket, Math.max(settledMs - idleMs, idleMs < settledMs ? 1 : idleMs));
    });
  }

  #end(socket: HttpSocket): void {
    this.#leave(socket);
    socket.destroy();
  }

  #leave(socket: HttpSocket): void {
    clearTimeout(this.#watched.get(socket));
    this.#watched.delete(socket);
    if (this.#longest === socket) this.#longest = undefined;
  }
}
