import { createPool } from '../../../../src/index.js';
import { ManualClock, memoryTransport } from '../../../../src/testing/index.js';
import { Callers } from './callers.js';
import { countedLinks } from './counted-links.js';
import { Dice } from './dice.js';
import { type OrderingMode, withOrdering } from './environment.js';
import { type Manner, manners } from './manners.js';
import { ModelPeer } from './model-peer.js';
import type { Story } from './story.js';
import { Tally } from './tally.js';

/** Longest story, in virtual ms for each question. */
const MOST_MS_A_QUESTION = 3_500;
/** Longer than the longest timer of a peer, in ms. */
const AFTERMATH_MS = 1_000;

/** The results of a story. */
export interface Played {
  readonly tally: Tally;
  readonly probes: number;
  readonly connections: number;
  /** `ordering` of the CI in the last snapshot; undefined if there is none. */
  readonly learned: string | undefined;
  readonly orderViolations: number;
}

/** Plays a story in virtual time. `tally.breaches` lists the violations other than wrong answers. */
export async function play(story: Story, ordering: OrderingMode): Promise<Played> {
  const tally = new Tally();
  const dice = new Dice(story.seed);
  const clock = new ManualClock();
  const wire = memoryTransport({ clock });
  const manner: Manner = manners[story.manner];
  const peer = new ModelPeer(wire, clock, manner, story.latencyMs, dice.fork());
  let links = 0;
  const counted = countedLinks(wire, (by) => {
    links += by;
    if (links > 2 * story.maxConnections) tally.breaks(`${links} sockets, and ${story.maxConnections} maxConnections`);
  });
  const options = {
    cis: { peer: 'memory://peer' },
    clock,
    transports: { memory: counted },
    logger: false as const,
    random: dice.fork().next,
    maxConnections: story.maxConnections,
    pipelining: story.pipelining,
    healthIntervalMs: story.healthIntervalMs,
    heartbeatTimeoutMs: 20,
    lateReplyGraceMs: story.lateReplyGraceMs,
    connectTimeoutMs: 50,
    reconnectDelayMs: 5,
    maxReconnectDelayMs: 50,
  };
  const pool = createPool(withOrdering(options, ordering));
  const callers = new Callers(story, pool, clock, dice.fork(), tally);
  if (story.cutEveryMs > 0) cutNowAndThen(peer, clock, dice.fork(), story.cutEveryMs, callers);

  callers.start();
  await settled();
  const endsMs = story.questions * MOST_MS_A_QUESTION;
  while (!callers.areDone && clock.now() < endsMs) {
    clock.advance(clock.nextTimerInMs() ?? 1);
    await settled();
  }
  if (!callers.areDone) tally.breaks(`questions are open after ${clock.now()} ms`);
  const { inFlight, waiting } = pool.snapshot().totals;
  if (inFlight + waiting > 0) tally.breaks(`${inFlight} in flight and ${waiting} waiting when all is over`);
  for (const question of peer.repeated) tally.breaks(`${question} was written twice`);
  for (const question of tally.notSent) if (peer.knows(question)) tally.breaks(`${question} was sent, and "not_sent"`);
  if (peer.isFlooded) tally.breaks('the pool dials again and again at one moment');
  const { ordering: learned, metrics } = pool.snapshot().cis.peer as Learned;

  void pool.close({ drainTimeoutMs: 0 });
  await settled();
  clock.advance(AFTERMATH_MS);
  await settled();
  clock.advance(0);
  await settled();
  const left = [pool.state, pool.snapshot().totals.connections, links, clock.pending].join(' ');
  if (left !== 'closed 0 0 0') tally.breaks(`after close: state, connections, links and timers are ${left}`);
  return {
    tally,
    probes: peer.probes,
    connections: peer.connections,
    learned,
    orderViolations: metrics.orderViolations ?? 0,
  };
}

/** Returns a CI's ordering in the snapshot, if it is there. */
interface Learned {
  readonly ordering?: string;
  readonly metrics: { readonly orderViolations?: number };
}

function cutNowAndThen(peer: ModelPeer, clock: ManualClock, dice: Dice, everyMs: number, callers: Callers): void {
  const cut = (): void => {
    if (callers.areDone) return;
    peer.cutOne();
    clock.setTimeout(cut, 1 + dice.upTo(2 * everyMs), 'background');
  };
  clock.setTimeout(cut, 1 + dice.upTo(2 * everyMs), 'background');
}

/** Lets all microtasks run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
