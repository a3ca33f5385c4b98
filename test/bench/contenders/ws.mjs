import { once } from 'node:events';
import { WebSocket } from 'ws';
import { fanOut } from '../fan-out.mjs';
import { SlotTable } from '../limit/slot-table.mjs';

export const contender = {
  name: 'ws',
  package: 'ws',
  server: 'ws',
  rows: [
    'ask c1',
    'ask c64',
    'ask c256',
    'stream',
    'cold',
    'broadcast 18',
    'broadcast 1000',
    'idle memory',
    'allocation',
  ],
  note: 'the id table and JSON of the limit over one WebSocket. Each message is a write of its own',
  async open({ host, port, cis }) {
    const url = `ws://${host}:${port}`;
    if (cis === undefined) return openClient(url);
    return fanOut(await Promise.all(Array.from({ length: cis }, () => openClient(url))));
  },
};

async function openClient(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const client = new WsClient(socket);
  await once(socket, 'open');
  return client;
}

class WsClient {
  #socket;
  #pending = new SlotTable();

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => this.#receive(JSON.parse(bytes.toString())));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  request(content, done) {
    const id = this.#pending.add({ done, onChunk: undefined });
    this.#socket.send(`{"type":"chat","content":${JSON.stringify(content)},"request_id":"${id}"}`);
  }

  stream(content, count, size, onChunk, done) {
    const request_id = String(this.#pending.add({ done, onChunk }));
    this.#socket.send(JSON.stringify({ type: 'chat', content, count, size, stream: true, request_id }));
  }

  async close() {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(message) {
    const id = Number(message.request_id);
    const pending = this.#pending.get(id);
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
