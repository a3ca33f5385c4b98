import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Frame, type Pool } from '../../../src/index.js';
import { ManualClock, type MemoryPeer, type MemoryTransport, memoryTransport } from '../../../src/testing/index.js';

/** Two CIs on a memory wire, their pool, and the requests that reached them. */
export interface World extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly wire: MemoryTransport;
  readonly pool: Pool;
  /** A folder of its own. */
  readonly folder: string;
  /** The dialled links. */
  readonly peers: readonly MemoryPeer[];
  readonly received: readonly Frame[];
}

/** Makes a new world for each row. */
export function makeWorld(): World {
  const clock = new ManualClock();
  const wire = memoryTransport({ clock });
  const peers: MemoryPeer[] = [];
  const received: Frame[] = [];
  for (const name of ['apollo', 'athena']) {
    wire.listen(name, (peer) => {
      peers.push(peer);
      peer.onRequest((request) => {
        received.push(request);
        peer.send({ type: 'chat_response', request_id: request.request_id, content: 'an answer' });
      });
    });
  }
  const cis = { apollo: 'memory://apollo', athena: 'memory://athena' };
  const pool = createPool({ cis, clock, transports: { memory: wire }, logger: false });
  const folder = mkdtempSync(join(tmpdir(), 'choragus-arguments-'));
  return {
    clock,
    wire,
    pool,
    folder,
    peers,
    received,
    [Symbol.asyncDispose]: async () => {
      const closing = pool.close({ drainTimeoutMs: 0 });
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1);
      await closing;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
