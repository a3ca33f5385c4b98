import type { Channel } from '../../../src/contract/index.js';
import { type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';
import { transportConformance } from './conformance.js';
import { Signal, type Wire, type WirePeer } from './wire.js';

class MemoryWirePeer implements WirePeer {
  readonly lines: string[] = [];
  readonly #peer: MemoryPeer;
  readonly #signal = new Signal();

  constructor(peer: MemoryPeer) {
    this.#peer = peer;
    peer.onRequest((request) => {
      this.lines.push(JSON.stringify(request));
      this.#signal.notify();
    });
  }

  get closed(): Promise<void> {
    return this.#peer.closed;
  }

  async received(count: number): Promise<readonly string[]> {
    await this.#signal.until(() => this.lines.length >= count);
    return this.lines;
  }

  send(raw: string | Buffer): void {
    this.#peer.sendRaw(raw);
  }

  close(): void {
    this.#peer.close();
  }

  fail(): void {
    this.#peer.fail();
  }

  async hold(_channel: Channel): Promise<void> {
    this.#peer.setWritable(false);
  }

  release(): void {
    this.#peer.setWritable(true);
  }
}

async function memoryWire(): Promise<Wire> {
  const transport = memoryTransport();
  const signal = new Signal();
  const peers: WirePeer[] = [];
  transport.listen('apollo', (peer) => {
    peers.push(new MemoryWirePeer(peer));
    signal.notify();
  });
  return {
    transport,
    address: { url: 'memory://apollo' },
    deserted: { url: 'memory://nobody' },
    peers,
    peer: async (number) => {
      await signal.until(() => peers.length > number);
      return peers[number] as WirePeer;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(peers.map((peer) => peer.closed));
    },
  };
}

transportConformance('the memory transport', memoryWire);
