import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import { type Probe, probeTypes } from '../../../src/protocol/fence.js';
import { expectOneOf, expectSame } from '../../support/expect-same.js';
import { prefix, Recorder } from './correlator-rig.js';
import { type Fault, SerialPeer } from './serial-peer.js';

type Action =
  | { readonly do: 'send'; readonly type: 'chat' | 'analyse' | 'health'; readonly replyMode: 'whole' | 'stream' }
  | { readonly do: 'write' }
  | { readonly do: 'ping' }
  | { readonly do: 'speak' | 'speakLate' | 'abandon' | 'withdraw'; readonly chance: number };

const chance = fc.nat(100_000);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      type: fc.constantFrom('chat' as const, 'chat' as const, 'analyse' as const, 'health' as const),
      replyMode: fc.constantFrom('whole' as const, 'whole' as const, 'whole' as const, 'stream' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ping' as const) }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('speak' as const), chance }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('speakLate' as const, 'withdraw' as const), chance }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon' as const), chance }) },
);

/** One request of a run. */
interface Asked {
  readonly token: string;
  readonly number: number;
  readonly request: Recorder;
  readonly probe: Probe | undefined;
  state: 'placed' | 'written' | 'given up' | 'taken back';
}

/** A running connection with a proved order: it follows the rules of `LinkOrder`, and drops the link where `LinkOrder` would. */
class Run {
  readonly strays = { lateReplies: 0, duplicates: 0, unsolicited: 0 };
  readonly correlator = new Correlator(prefix, this.strays, { kind: 'proved' });
  readonly asked: Asked[] = [];
  readonly peer: SerialPeer;
  readonly #pipelining: number;
  readonly #probing: 'at once' | 'after the answer';
  #turn = 0;
  phase: 'serving' | 'retired' | 'dropped' = 'serving';

  constructor(faults: readonly Fault[], pipelining: number, probing: 'at once' | 'after the answer') {
    this.peer = new SerialPeer(faults);
    this.#pipelining = pipelining;
    this.#probing = pipelining > 1 ? 'at once' : probing;
  }

  take(act: Action): void {
    if (this.phase === 'dropped') return;
    if (act.do === 'send') this.#send(act.type, act.replyMode);
    else if (act.do === 'write') this.write();
    else if (act.do === 'ping') this.#ping();
    else if (act.do === 'speak') this.#receive(this.peer.speak(act.chance));
    else if (act.do === 'speakLate') this.#receive(this.peer.speakLate(act.chance));
    else this.#giveUp(act.do, act.chance);
  }

  /** Writes everything that waits, and lets the peer send everything it has left. */
  finish(): void {
    this.write();
    for (let i = 1; !this.peer.isIdle && this.phase !== 'dropped'; i += 6) this.#receive(this.peer.speak(i));
  }

  write(): void {
    for (const asked of this.asked) {
      if (asked.state !== 'placed') continue;
      asked.state = 'written';
      asked.request.isWritten = true;
      this.peer.hear({ type: asked.request.type, token: asked.token });
      if (asked.probe !== undefined) this.#writeProbe(asked.probe);
    }
  }

  #writeProbe(probe: Probe): void {
    if (probe.commit() !== '') this.peer.hear({ type: probe.type });
  }

  #probe(number: number, other: string): Probe {
    do this.#turn += 1;
    while (probeTypes[this.#turn % 3] === other);
    return this.correlator.fence(probeTypes[this.#turn % 3] as Probe['type'], number);
  }

  /** A stream has no probe of its own; this peer answers it with one reply. */
  #send(type: string, replyMode: 'whole' | 'stream'): void {
    if (this.phase !== 'serving' || !this.correlator.canTake(this.#pipelining, 256)) return;
    const request = new Recorder(type, replyMode);
    request.isWritten = false;
    const number = this.correlator.add(request);
    const isFenced = this.#probing === 'at once' && replyMode === 'whole';
    const probe = isFenced ? this.#probe(number, type) : undefined;
    this.asked.push({ token: `t${this.asked.length}`, number, request, probe, state: 'placed' });
  }

  /** As the heartbeat does: only while nothing is outstanding or owed. */
  #ping(): void {
    if (this.phase !== 'serving' || !this.correlator.isEmpty) return;
    const own = Object.assign(new Recorder('ping', 'whole'), { isOwn: true });
    this.correlator.add(own);
    this.peer.hear({ type: 'ping' });
  }

  #receive(frame: Frame | undefined): void {
    if (frame === undefined || this.phase === 'dropped') return;
    const verdict = this.correlator.receive(frame);
    if (verdict === 'held') this.#writeProbe(this.#probe(this.correlator.holding, ''));
    else if (verdict === 'desync') this.phase = 'dropped';
    else if (verdict === 'overtaken' || verdict === 'concurrent') this.phase = 'retired';
    else expectOneOf(verdict, ['fine', 'fenced', 'proved']);
  }

  #giveUp(how: 'abandon' | 'withdraw', pick: number): void {
    const wanted = how === 'withdraw' ? 'placed' : 'written';
    const open = this.asked.filter(({ state, request }) => state === wanted && request.endings === 0);
    const asked = open[pick % Math.max(open.length, 1)];
    if (asked === undefined) return;
    asked.state = how === 'withdraw' ? 'taken back' : 'given up';
    if (how === 'withdraw') this.correlator.withdraw(asked.number);
    else this.correlator.abandon(asked.number, 0);
  }
}

/** What must hold for every behaviour of the peer. */
function expectEachGotItsOwnAnswer(run: Run): void {
  for (const { token, request, state } of run.asked) {
    expectOneOf(request.endings, state === 'written' ? [0, 1] : [0]);
    for (const frame of request.frames) expectSame(frame.token, token);
    for (const { code, message } of request.errors) {
      if (code === 'ci_error') expect(message).toContain(`an error: ${token}`);
      else expectSame(code, 'protocol_error');
    }
  }
}

/**
 * Leaves out what no client can detect: a lost answer with a stray one in its place (for a `health`, a repeated answer
 * to a probe is one, too), and a stray answer together with a repeated answer to the very probe that is awaited. These
 * do not meet in one run.
 */
const mixtures: readonly (readonly Fault[])[] = [
  ['again'],
  ['stray'],
  ['error first'],
  ['again', 'stray', 'error first'],
  ['lost'],
  ['proof again'],
];
const script = fc.array(action, { maxLength: 150, size: 'max' });
const pipelining = fc.integer({ min: 1, max: 4 });
const probing = fc.constantFrom('at once' as const, 'after the answer' as const);

describe('with a proved order, no answer ever reaches a request other than its own', () => {
  test.each(mixtures.map((faults) => [faults.join(', '), faults] as const))('%s', (_name, faults) => {
    let answered = 0;
    let unproved = 0;
    fc.assert(
      fc.property(script, pipelining, probing, (acts, depth, when) => {
        const run = new Run(faults, depth, when);
        for (const act of acts) run.take(act);
        run.finish();
        expectEachGotItsOwnAnswer(run);
        answered += run.asked.filter(({ request }) => request.endings === 1).length;
        if (run.phase !== 'serving') unproved += 1;
      }),
      { seed: 7, numRuns: 1_000 },
    );
    // Otherwise it sends nothing.
    expect(answered).toBeGreaterThan(2_000);
    expect(unproved).toBeGreaterThan(100);
  });
});

test('a correct serial peer is never blamed, and every request gets an answer', () => {
  fc.assert(
    fc.property(script, pipelining, probing, (acts, depth, when) => {
      const run = new Run([], depth, when);
      for (const act of acts) run.take(act);
      run.finish();
      expect([run.phase, run.strays.unsolicited]).toEqual(['serving', 0]);
      for (const { request, state } of run.asked) expectSame(request.endings, state === 'written' ? 1 : 0);
      expect([run.correlator.isEmpty, run.correlator.canTake(1, 1), run.correlator.isEchoing]).toEqual([
        true,
        true,
        false,
      ]);
      expectEachGotItsOwnAnswer(run);
    }),
    { seed: 8, numRuns: 1_000 },
  );
});
