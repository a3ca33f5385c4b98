import { LinkOrder, type Ordered } from '../../../src/connection/link-order.js';
import { OrderJudge } from '../../../src/connection/order-judge.js';
import type { Frame, Limits, Outgoing } from '../../../src/contract/index.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import { type ProbeType, probeTypes } from '../../../src/protocol/fence.js';
import { ManualClock } from '../../../src/testing/index.js';
import { prefix, Recorder } from '../protocol/correlator-rig.js';

/** A session that records every call: `send ping`, `leave used_once`. It writes at once. */
class FakeSession implements Ordered {
  readonly clock: ManualClock;
  readonly limits = { pipelining: 1, heartbeatTimeoutMs: 2_000 } as Limits;
  readonly log: string[] = [];
  carried = 0;
  lastByteMs = 0;
  mayLinger = true;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  send(outgoing: Outgoing): void {
    this.log.push(`send ${JSON.parse(String(outgoing.commit())).type}`);
  }

  retire(): void {
    this.log.push('retire');
  }

  leave(reason: string): void {
    this.log.push(`leave ${reason}`);
  }

  released(): void {
    this.log.push('released');
  }

  violated(line: string | undefined): void {
    this.log.push(`violated ${line}`);
  }

  learnt(): void {
    this.log.push('learnt');
  }
}

/** One CI and its links, all with one judge. */
export function setUp(ordering: 'proved' | 'trusted' = 'proved') {
  const clock = new ManualClock(1_000);
  const judge = new OrderJudge(ordering, () => clock.now());
  const link = () => {
    const session = new FakeSession(clock);
    const strays = { lateReplies: 0, duplicates: 0, unsolicited: 0 };
    const correlator = new Correlator(prefix, strays, judge);
    const order = new LinkOrder(session, judge, correlator);
    /** Sends a request. */
    const ask = (type = 'chat', replyMode: 'whole' | 'stream' = 'whole') => {
      const request = new Recorder(type, replyMode);
      const number = correlator.add(request);
      session.carried += 1;
      order.sent(number, type, replyMode === 'stream', clock.now());
      return { number, id: correlator.idOf(number), request, log: request.log };
    };
    /** Receives a frame, as a session does. */
    const say = (...frames: readonly Frame[]) => {
      for (const frame of frames) {
        session.lastByteMs = clock.now();
        const wasEchoing = correlator.isEchoing;
        const verdict = correlator.receive(frame);
        if (wasEchoing !== correlator.isEchoing) order.learn('answer.named');
        if (verdict !== 'fine') order.heed(verdict, JSON.stringify(frame));
      }
    };
    /** Returns the calls to the session since the last time. */
    const done = () => session.log.splice(0);
    return { session, correlator, order, ask, say, done };
  };
  return { clock, judge, link };
}

/** A CI that answers these probes, and works on one line after the other, with one link to it. */
export function proved(probes: readonly ProbeType[] = probeTypes) {
  const all = setUp();
  all.judge.examined(probes, 'done');
  while (all.judge.isOnTrial) all.judge.stoodTrial(0);
  return { ...all, ...all.link() };
}

/** A CI that needs a fresh link for each request, with one link to it. */
export function fresh() {
  const all = setUp();
  all.judge.examined([], 'silent');
  return { ...all, ...all.link() };
}
