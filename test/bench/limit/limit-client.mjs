import { LineSocket } from './line-socket.mjs';
import { SlotTable } from './slot-table.mjs';

/**
 * The minimum of a correct client with many requests outstanding on one connection: an id and a slot for
 * each, one write a tick, framing that is correct for UTF-8, JSON, and a callback. No deadline, no cancelling, no
 * counters, no states, no reconnecting.
 */
export class LimitClient {
  #lines;
  #pending = new SlotTable();

  static async open(target) {
    const client = new LimitClient();
    client.#lines = await LineSocket.open(
      target,
      (line) => client.#receive(line),
      (error) => client.#fail(error),
    );
    return client;
  }

  request(content, done) {
    const id = this.#pending.add({ done, onChunk: undefined });
    this.#lines.write(`{"type":"chat","content":${JSON.stringify(content)},"request_id":"${id}"}\n`);
  }

  stream(content, count, size, onChunk, done) {
    const request_id = String(this.#pending.add({ done, onChunk }));
    this.#lines.write(`${JSON.stringify({ type: 'chat', content, count, size, stream: true, request_id })}\n`);
  }

  close() {
    this.#lines.close();
  }

  #receive(line) {
    const message = JSON.parse(line);
    const id = Number(message.request_id);
    const pending = this.#pending.get(id);
    // Late, or never requested: it must not reach another caller.
    if (pending === undefined) return;
    if (message.type === 'stream_chunk') {
      pending.onChunk(message.content);
      return;
    }
    this.#pending.remove(id);
    pending.done(null, message.content);
  }

  #fail(error) {
    for (const { done } of this.#pending.drain()) done(error);
  }
}
