import type { WebSocket } from 'ws';

/** Most messages that wait for the socket. */
const MOST_WAITING = 1_000;
/** Unsent bytes above which the receiver counts as slow. */
const SLOW_BYTES = 1_048_576;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** A WebSocket that reconnects by itself. Sending never waits. Does not keep the process alive. */
export class StatelySocket {
  readonly #make: () => WebSocket;
  /** Returns the current state: sent first after a reconnect, or if messages were dropped. */
  readonly #greeting: () => readonly object[];
  #socket: WebSocket | undefined;
  #waiting: object[] = [];
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #state: 'open' | 'closed' = 'closed';
  #missed = false;
  dropped = 0;

  constructor(make: () => WebSocket, greeting: () => readonly object[]) {
    this.#make = make;
    this.#greeting = greeting;
  }

  open(): void {
    const socket = this.#make();
    this.#state = 'open';
    this.#socket = socket;
    socket.on('open', () => {
      this.#delayMs = FIRST_DELAY_MS;
      const first = this.#missed ? this.#greeting() : this.#waiting;
      this.#waiting = [];
      this.#missed = false;
      for (const message of first) socket.send(JSON.stringify(message));
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#again());
  }

  send(message: object): void {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) return this.#wait(message);
    if (socket.bufferedAmount > SLOW_BYTES) this.dropped += 1;
    else socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#socket?.terminate();
  }

  #wait(message: object): void {
    this.#waiting.push(message);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#missed = true;
    this.dropped += 1;
  }

  #again(): void {
    if (this.#state === 'closed') return;
    this.#missed = true;
    this.#timer = setTimeout(() => this.open(), this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }
}
