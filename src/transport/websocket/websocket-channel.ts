import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Outgoing } from '../../contract/index.js';
import { afterItsEnd, BatchedChannel, WRITABLE_BYTES } from '../socket/batched-channel.js';

/** `WebSocket.OPEN`. */
const OPEN = 1;

/** Writes requests as messages. The messages of one tick leave in one write of the socket. */
export class WebSocketChannel extends BatchedChannel {
  readonly #ws: WebSocket;
  readonly #socketOf: () => Socket;
  readonly #sent = (): void => {
    if (!this.isWritable && this.#ws.readyState === OPEN && this.#hasRoom) this.drained();
  };

  /**
   * @param socketOf - Returns the socket under the WebSocket.
   * @param onDrained - Called when the channel takes requests again.
   */
  constructor(ws: WebSocket, socketOf: () => Socket, onDrained: () => void) {
    super(onDrained);
    this.#ws = ws;
    this.#socketOf = socketOf;
  }

  ping(): void {
    if (this.#ws.readyState === OPEN) this.#ws.ping();
  }

  settled(then: () => void): void {
    afterItsEnd(then);
  }

  protected write(batch: readonly Outgoing[]): number {
    if (batch.length === 1) return this.#writeAll(batch);
    const socket = this.#socketOf();
    socket.cork();
    const written = this.#writeAll(batch);
    socket.uncork();
    return written;
  }

  get #hasRoom(): boolean {
    return this.#ws.bufferedAmount <= WRITABLE_BYTES;
  }

  #writeAll(batch: readonly Outgoing[]): number {
    for (const [index, request] of batch.entries()) {
      // A closing WebSocket takes no more requests: the link is about to fail, and its requests with it.
      if (this.#ws.readyState !== OPEN) return batch.length;
      if (!this.isWritable) return index;
      const line = request.commit();
      if (line === '') continue;
      this.#ws.send(line, this.#sent);
      this.isWritable = this.#hasRoom;
    }
    return batch.length;
  }
}
