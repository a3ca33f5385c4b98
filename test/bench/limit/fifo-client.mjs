import { LineSocket } from './line-socket.mjs';

/**
 * The same for a peer that echoes no ids: some connections, one request at a time on each, and a queue for the rest.
 * A connection that is used only when no answer is owed cannot answer the wrong caller.
 */
export class FifoClient {
  #lanes = [];
  #idle = [];
  #waiting = [];

  static async open(target) {
    const client = new FifoClient();
    await Promise.all(Array.from({ length: target.connections }, () => client.#addLane(target)));
    return client;
  }

  request(content, done) {
    const lane = this.#idle.pop();
    if (lane === undefined) this.#waiting.push({ content, done });
    else send(lane, content, done);
  }

  close() {
    for (const { lines } of this.#lanes) lines.close();
  }

  async #addLane(target) {
    const lane = { lines: undefined, done: undefined };
    lane.lines = await LineSocket.open(
      target,
      (line) => this.#receive(lane, line),
      (error) => lane.done?.(error),
    );
    this.#lanes.push(lane);
    this.#idle.push(lane);
  }

  #receive(lane, line) {
    const { done } = lane;
    // Free for the next before the caller gets its answer: the caller may ask at once, and queues behind the waiting ones.
    const next = this.#waiting.shift();
    if (next === undefined) {
      lane.done = undefined;
      this.#idle.push(lane);
    } else send(lane, next.content, next.done);
    done(null, JSON.parse(line).content);
  }
}

function send(lane, content, done) {
  lane.done = done;
  lane.lines.write(`{"type":"chat","content":${JSON.stringify(content)}}\n`);
}
