import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectionState } from '../../../../src/contract/index.js';
import { changesOf } from '../../../../src/inspector/feed/ci-row.js';
import type { CiRow, PastTransition, Recorded } from '../../../../src/inspector/feed/records.js';
import { Model } from '../../../../src/inspector/page/model.js';
import { parseRecording } from '../../../../src/inspector/page/recording-format.js';
import { Replay } from '../../../../src/inspector/page/replay.js';
import { Tape } from '../../../../src/inspector/page/tape.js';
import { connectionRow, hello, row } from './records.js';

const names = ['apollo', 'athena', 'hermes'];
const states: readonly ConnectionState[] = ['idle', 'connecting', 'healthy', 'degraded', 'reconnecting', 'closed'];

/** What happens in the service: a transition, a summary, or a part of a whole state is read. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ci: fc.nat(2), connection: fc.nat(2), to: fc.constantFrom(...states) }) },
  { weight: 2, arbitrary: fc.constant('summary' as const) },
  { weight: 1, arbitrary: fc.constant('part' as const) },
);

/** A service with two streams, as the feed has them: the changes, and the whole state, which is read a CI at a time. */
class Service {
  readonly changes: Recorded[] = [];
  readonly state: Recorded[] = [];
  readonly #rows = new Map<string, CiRow>(names.map((name) => [name, row(name, 'idle')]));
  #known = new Map<string, CiRow>();
  readonly #pasts = new Map<string, readonly PastTransition[]>();
  #seq = 0;
  #at = 1_000;
  #read = 0;

  do(what: { ci: number; connection: number; to: ConnectionState } | 'summary' | 'part'): void {
    this.#at += 1;
    if (what === 'part') this.part();
    else if (what === 'summary') this.#summarise();
    else this.#move(names[what.ci] as string, `${names[what.ci]}#${what.connection}`, what.to);
  }

  /** Reads the next CI of the whole state, and after the last one its end. */
  part(): boolean {
    if (this.#read > names.length) return false;
    const name = names[this.#read];
    const left = names.length - this.#read - 1;
    if (name === undefined) this.state.push({ t: 'ready', at: this.#at });
    else this.state.push({ t: 'cis', at: this.#at, isFirst: this.#read === 0, rows: [this.#withPast(name)], left });
    this.#read += 1;
    return true;
  }

  /** The CIs and their connections, with their states and their past. */
  truth(): unknown {
    return names.map((name) => shown(this.#rowOf(name), this.#pasts));
  }

  #withPast(name: string): CiRow {
    const own = this.#rowOf(name);
    const connections = own.connections.map((one) => ({ ...one, history: this.#pasts.get(one.connection) ?? [] }));
    return { ...own, connections };
  }

  #move(ci: string, connection: string, to: ConnectionState): void {
    const own = this.#rows.get(ci) as CiRow;
    const known = own.connections.find((one) => one.connection === connection);
    // A name is never used again.
    if (this.#pasts.get(connection)?.at(-1)?.to === 'closed') return;
    this.#seq += 1;
    const others = own.connections.filter((one) => one !== known);
    const next = { ...connectionRow(connection, to), since: this.#at };
    this.#rows.set(ci, { ...own, connections: to === 'closed' ? others : [...others, next] });
    const past = { from: known?.state ?? 'idle', to, reason: 'wanted', attempt: 0, delayMs: 0, at: this.#at } as const;
    this.#pasts.set(connection, [...(this.#pasts.get(connection) ?? []), past]);
    this.changes.push({ t: 'transition', seq: this.#seq, ci, connection, ...past });
  }

  #summarise(): void {
    const rows = names.flatMap((name) => changesOf(this.#known.get(name), this.#rowOf(name)) ?? []);
    this.#known = new Map(names.map((name) => [name, this.#rowOf(name)]));
    const counts = { idle: 0, connecting: 0, healthy: 0, degraded: 0, retiring: 0, reconnecting: 0, closed: 0 };
    const totals = { states: counts, inFlight: 0, waiting: 0, perSecond: 0, p50: 0, p99: 0 };
    this.changes.push({ t: 'summary', at: this.#at, pool: 'running', rows, ...totals });
  }

  #rowOf(name: string): CiRow {
    const own = this.#rows.get(name) as CiRow;
    const best = [...own.connections].sort((a, b) => rank.indexOf(b.state) - rank.indexOf(a.state))[0];
    return { ...own, seq: this.#seq, state: best?.state ?? 'idle' };
  }
}

/** As the pool ranks them, the worst first. */
const rank: readonly ConnectionState[] = ['idle', 'retiring', 'reconnecting', 'connecting', 'degraded', 'healthy'];

const shown = ({ ci, state, connections }: CiRow, pasts: Model['histories']): unknown => [
  ci,
  state,
  connections
    .map(({ connection, state, since }) => [connection, state, since, pasts.get(connection) ?? []] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1)),
];
const shownBy = (model: Model): unknown => names.map((name) => shown(model.cis.get(name) as CiRow, model.histories));

/** Merges two streams: each keeps its order. True takes the next record of the first. */
function merged(one: readonly Recorded[], other: readonly Recorded[], choices: readonly boolean[]): Recorded[] {
  const [left, right] = [[...one], [...other]];
  const all: Recorded[] = [];
  for (const isFirst of choices) all.push(...(isFirst ? left : right).splice(0, 1));
  return [...all, ...left, ...right];
}

const runs = fc.tuple(fc.array(step, { maxLength: 40 }), fc.array(fc.boolean(), { maxLength: 40 }));

function sentBy(steps: readonly Parameters<Service['do']>[0][], choices: readonly boolean[]) {
  const service = new Service();
  for (const what of steps) service.do(what);
  while (service.part());
  return { service, records: [hello(), ...merged(service.state, service.changes, choices)] };
}

test('in whatever order the changes and the whole state arrive, the model has the state of the pool', () => {
  fc.assert(
    fc.property(runs, ([steps, choices]) => {
      const { service, records } = sentBy(steps, choices);
      const model = new Model();
      for (const record of records) model.apply([record]);
      expect(shownBy(model)).toEqual(service.truth());
    }),
    { numRuns: 300 },
  );
});

test('a recording of it does so too, also if its beginning has moved', () => {
  fc.assert(
    fc.property(runs, fc.integer({ min: 0, max: 20 }), ([steps, choices], most) => {
      const { service, records } = sentBy(steps, choices);
      const tape = new Tape(most);
      for (const record of records) tape.add([record], 1);
      const model = new Model();
      new Replay(parseRecording(tape.lines().join('')), model).seek(Number.MAX_SAFE_INTEGER);
      expect(shownBy(model)).toEqual(service.truth());
    }),
    { numRuns: 300 },
  );
});
