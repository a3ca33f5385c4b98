import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Channel, Outgoing } from '../../contract/index.js';
import { afterItsEnd } from '../socket/after-its-end.js';

/** Unsent bytes above which the socket counts as full, as on TCP. */
const WRITABLE_BYTES = 262_144;
/** `WebSocket.OPEN`. */
const OPEN = 1;

/**
 * Writes requests as messages, those of one tick at its end, in one write of the socket. While too much is unsent, requests stay here,
 * unwritten, and can still be given up.
 */
export class WebSocketChannel implements Channel {
  readonly #ws: WebSocket;
  readonly #socketOf: () => Socket;
  readonly #onDrained: () => void;
  #outgoing: Outgoing[] = [];
  #isScheduled = false;
  isWritable = true;
  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };
  readonly #sent = (): void => {
    if (this.isWritable || this.#ws.readyState !== OPEN || this.#ws.bufferedAmount > WRITABLE_BYTES) return;
    this.isWritable = true;
    this.#flush();
    if (this.isWritable) this.#onDrained();
  };

  /** `socketOf` gives the socket beneath; `onDrained` is called when requests can be taken again. */
  constructor(ws: WebSocket, socketOf: () => Socket, onDrained: () => void) {
    this.#ws = ws;
    this.#socketOf = socketOf;
    this.#onDrained = onDrained;
  }

  send(request: Outgoing): void {
    this.#outgoing.push(request);
    if (this.#isScheduled || !this.isWritable) return;
    this.#isScheduled = true;
    process.nextTick(this.#flushLater);
  }

  ping(): void {
    if (this.#ws.readyState === OPEN) this.#ws.ping();
  }

  settled(then: () => void): void {
    afterItsEnd(then);
  }

  /** Nothing that is here will be written. */
  close(): void {
    this.#outgoing = [];
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    if (outgoing.length < 2) return this.#writeAll(outgoing);
    const socket = this.#socketOf();
    socket.cork();
    this.#writeAll(outgoing);
    socket.uncork();
  }

  #writeAll(outgoing: readonly Outgoing[]): void {
    for (const [index, request] of outgoing.entries()) {
      if (this.#ws.readyState !== OPEN) return;
      if (!this.isWritable) {
        // What was given meanwhile comes after those that were given before.
        this.#outgoing = [...outgoing.slice(index), ...this.#outgoing];
        return;
      }
      this.#write(request.commit());
    }
  }

  #write(line: string): void {
    if (line === '') return;
    this.#ws.send(line, this.#sent);
    this.isWritable = this.#ws.bufferedAmount <= WRITABLE_BYTES;
  }
}
