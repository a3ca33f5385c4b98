import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import { expectOneOf, expectSame } from '../../support/expect-same.js';
import { prefix, Recorder } from './correlator-rig.js';
import { ModelPeer, type ReplyMode } from './model-peer.js';

const manners: readonly ReplyMode[] = ['serial', 'old stream', 'background stream', 'byId', 'capricious'];

type Action =
  | { readonly do: 'send'; readonly type: 'chat' | 'health' | 'analyse'; readonly replyMode: 'whole' | 'stream' }
  | { readonly do: 'ping' }
  | { readonly do: 'speak' | 'abandon' | 'withdraw' | 'repeat' | 'noise'; readonly chance: number };

const chance = fc.nat(100_000);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      type: fc.constantFrom('chat' as const, 'chat' as const, 'health' as const, 'analyse' as const),
      replyMode: fc.constantFrom('whole' as const, 'stream' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ping' as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('speak' as const), chance }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('abandon' as const, 'withdraw' as const), chance }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('repeat' as const, 'noise' as const), chance }) },
);

const noise: readonly Frame[] = [
  { type: 'chat_response', content: 'noise', request_id: 'zzz999.1' },
  { type: 'chat_response', content: 'noise', request_id: `${prefix}01` },
  { type: 'stream_chunk', content: 'noise', request_id: `${prefix}99999999999` },
  { type: 'error', error: 'noise', request_id: 1 },
];

/** One request of a run: what it received, and how it was given up. */
interface Asked {
  readonly token: string;
  readonly number: number;
  readonly request: Recorder;
  givenUpAt: number | undefined;
}

/** A running connection: it follows the rules of `Connection`, and drops the link where `Connection` would. */
class Run {
  readonly strays = { lateReplies: 0, duplicates: 0, unsolicited: 0 };
  readonly correlator = new Correlator(prefix, this.strays);
  readonly asked: Asked[] = [];
  readonly peer: ModelPeer;
  readonly #pipelining: number;
  readonly #maxInFlight: number;
  phase: 'serving' | 'retired' | 'dropped' = 'serving';

  constructor(replyMode: ReplyMode, pipelining: number, maxInFlight: number) {
    this.peer = new ModelPeer(replyMode);
    this.#pipelining = pipelining;
    this.#maxInFlight = maxInFlight;
  }

  take(act: Action): void {
    if (this.phase === 'dropped') return;
    if (act.do === 'send') {
      const isFree = this.correlator.canTake(this.#pipelining, this.#maxInFlight);
      if (this.phase === 'serving' && isFree) this.#send(act.type, act.type === 'chat' ? act.replyMode : 'whole');
    } else if (act.do === 'ping') {
      // As the heartbeat does: only while no request is outstanding.
      if (this.phase === 'serving' && this.correlator.live === 0) this.#send('ping', 'whole');
    } else if (act.do === 'speak') this.receive(this.peer.speak(act.chance));
    else if (act.do === 'repeat') this.receive(this.peer.repeat(act.chance));
    else if (act.do === 'noise') this.receive(noise[act.chance % noise.length]);
    else this.#giveUp(act.do, act.chance);
  }

  receive(frame: Frame | undefined): void {
    if (frame === undefined || this.phase === 'dropped') return;
    const verdict = this.correlator.receive(frame);
    if (verdict === 'retire') this.phase = 'retired';
    if (verdict === 'desync') this.phase = 'dropped';
  }

  /** Lets the peer send everything it has left. */
  finish(): void {
    for (let i = 0; !this.peer.isIdle && this.phase !== 'dropped'; i += 1) this.receive(this.peer.speak(i));
  }

  #send(type: string, replyMode: 'whole' | 'stream'): void {
    const token = `t${this.asked.length}`;
    const request = new Recorder(type, replyMode);
    const number = this.correlator.add(request);
    this.asked.push({ token, number, request, givenUpAt: undefined });
    this.peer.hear({ id: this.correlator.idOf(number), type, isStream: replyMode === 'stream', token });
  }

  #giveUp(how: 'abandon' | 'withdraw', pick: number): void {
    if (how === 'withdraw') {
      // Taken back before it was written: the peer never sees it.
      const request = new Recorder('chat', 'whole');
      const number = this.correlator.add(request);
      this.correlator.withdraw(number);
      this.asked.push({ token: 'never sent', number, request, givenUpAt: 0 });
      return;
    }
    const asked = this.asked[pick % Math.max(this.asked.length, 1)];
    if (asked === undefined || asked.givenUpAt !== undefined || asked.request.endings > 0) return;
    asked.givenUpAt = asked.request.log.length;
    this.correlator.abandon(asked.number, this.asked.length);
  }
}

/** What must hold for every behaviour of the peer. */
function expectEachGotItsOwnAnswer(run: Run): void {
  for (const { token, request, givenUpAt } of run.asked) {
    for (const frame of request.frames) expectSame(frame.token, token);
    for (const error of request.errors) {
      if (error.code === 'ci_error') expect(error.message).toBe(`[ci_error] the CI answered with an error: ${token}`);
      else expectSame(error.code, 'protocol_error');
    }
    expectOneOf(request.endings, [0, 1]);
    if (request.endings === 1) expect(request.log.at(-1)).not.toMatch(/^chunk/);
    if (givenUpAt !== undefined) expectSame(request.log.length, givenUpAt);
  }
}

describe('no answer ever reaches a request other than its own', () => {
  test.each(manners)('with a peer that is %s', (replyMode) => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 120 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (script, pipelining, maxInFlight) => {
          const run = new Run(replyMode, pipelining, maxInFlight);
          for (const act of script) {
            run.take(act);
            expectSame(run.correlator.live + run.correlator.abandoned <= maxInFlight + 1, true);
          }
          expectEachGotItsOwnAnswer(run);
        },
      ),
      { seed: 5, numRuns: 600 },
    );
  });
});

describe('a peer that follows the protocol is never blamed, and every request gets an answer', () => {
  // Leaves out what cannot be told apart: occasional ids, noise, and a ping beside an abandoned stream.
  test.each(manners.filter((replyMode) => replyMode !== 'capricious'))('%s', (replyMode) => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 120 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (script, pipelining, maxInFlight) => {
          const run = new Run(replyMode, pipelining, maxInFlight);
          for (const act of script) {
            if (act.do === 'noise') continue;
            if (act.do === 'ping' && run.correlator.abandoned > 0) continue;
            run.take(act);
          }
          run.finish();
          expect(run.phase).toBe('serving');
          expect(run.strays.unsolicited).toBe(0);
          for (const { request, givenUpAt } of run.asked) expectSame(request.endings, givenUpAt === undefined ? 1 : 0);
          expect([run.correlator.live, run.correlator.abandoned]).toEqual([0, 0]);
          expect(run.correlator.canTake(1, 1)).toBe(true);
          if (replyMode !== 'byId') expect(run.correlator.isEchoing).toBe(false);
          expectEachGotItsOwnAnswer(run);
        },
      ),
      { seed: 6, numRuns: 600 },
    );
  });
});
