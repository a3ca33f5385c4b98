import { afterEach, beforeEach, expect } from 'vitest';
import { createPool, type Frame, type Pool, type PoolOptions, type StateChange } from '../../src/index.js';
import { ManualClock, type MemoryPeer, type MemoryTransport, memoryTransport } from '../../src/testing/index.js';

/** A CI on the memory wire, and everything that reached it. */
export interface MemoryCi {
  readonly url: string;
  /** Its links, open and closed, oldest first. */
  readonly peers: readonly MemoryPeer[];
  readonly received: readonly Frame[];
  /** The requests it received, without pings. */
  readonly contents: readonly unknown[];
  /** How many of its links are open. */
  readonly open: number;
  /** Leaves all further dials unanswered. */
  leave(): void;
  /** Answers dials again. */
  comeBack(): void;
}

export type MemoryScript = (request: Frame, peer: MemoryPeer) => void;

/** Pools and CIs of one test, over the memory wire, in virtual time. */
export interface VirtualStage {
  readonly clock: ManualClock;
  readonly wire: MemoryTransport;
  ci(name: string, script?: MemoryScript, onPeer?: (peer: MemoryPeer) => void): MemoryCi;
  pool(options: PoolOptions): Pool;
  /** Moves the time in steps, and lets promises settle at each step. */
  advance(ms: number, stepMs?: number): Promise<void>;
}

/** Makes a stage for each test of a file. After the test, its pools must have released every link and timer. */
export function useVirtualStage(): VirtualStage {
  let clock = new ManualClock();
  let wire = memoryTransport({ clock });
  const pools: Pool[] = [];
  const cis: MemoryCi[] = [];

  beforeEach(() => {
    clock = new ManualClock();
    wire = memoryTransport({ clock });
  });

  afterEach(async () => {
    for (const pool of pools.splice(0)) {
      const closing = pool.close({ drainTimeoutMs: 0 });
      await settled();
      clock.advance(1);
      await closing;
      const { state, totals } = pool.snapshot();
      expect([state, totals.connections, totals.inFlight, totals.waiting]).toEqual(['closed', 0, 0, 0]);
    }
    await settled();
    clock.advance(0);
    expect(clock.pending).toBe(0);
    for (const ci of cis.splice(0)) expect(ci.open).toBe(0);
  });

  return {
    get clock() {
      return clock;
    },
    get wire() {
      return wire;
    },
    ci: (name, script, onPeer) => {
      const ci = memoryCi(name, wire, script, onPeer);
      cis.push(ci);
      return ci;
    },
    pool: (options) => {
      const pool = createPool({ clock, transports: { memory: wire }, logger: false, random: () => 0.5, ...options });
      pools.push(pool);
      return pool;
    },
    advance: async (ms, stepMs = ms) => {
      await settled();
      for (let done = 0; done < ms; done += stepMs) {
        clock.advance(Math.min(stepMs, ms - done));
        await settled();
      }
    },
  };
}

/** Lets microtasks run: they deliver what is under way on the memory wire. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Answers at once, with the request's id: pongs for pings, the content for all else. */
export const answers: MemoryScript = ({ type, content, request_id }, peer) =>
  peer.send(type === 'ping' ? { type: 'pong', request_id } : { type: 'chat_response', content, request_id });

/** Collects the state changes from now on. */
export function changesOf(pool: Pool): StateChange[] {
  const changes: StateChange[] = [];
  pool.states$.subscribe((change) => changes.push(change));
  return changes;
}

function memoryCi(
  name: string,
  wire: MemoryTransport,
  script: MemoryScript = () => {},
  onPeer: (peer: MemoryPeer) => void = () => {},
): MemoryCi {
  const peers: MemoryPeer[] = [];
  const received: Frame[] = [];
  let open = 0;
  const accept = (peer: MemoryPeer): void => {
    peers.push(peer);
    open += 1;
    void peer.closed.then(() => {
      open -= 1;
    });
    peer.onRequest((request) => {
      received.push(request);
      script(request, peer);
    });
    onPeer(peer);
  };
  let stop = wire.listen(name, accept);
  return {
    url: `memory://${name}`,
    peers,
    received,
    get contents() {
      return received.filter(({ type }) => type !== 'ping').map(({ content }) => content);
    },
    get open() {
      return open;
    },
    leave: () => stop(),
    comeBack: () => {
      stop = wire.listen(name, accept);
    },
  };
}
