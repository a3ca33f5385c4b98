import { Examination, type Examined, type Examiner } from '../../../src/connection/examination.js';
import type { ProbeType } from '../../../src/protocol/fence.js';
import { ManualClock } from '../../../src/testing/index.js';

/** Decides whose turn it is, as the judge of a CI does: the first to ask gets it. */
class Turn implements Examiner {
  owner: Examination | undefined;

  takesUp(examination: Examination): boolean {
    this.owner ??= examination;
    return this.owner === examination;
  }

  drops(examination: Examination): void {
    if (this.owner === examination) this.owner = undefined;
  }
}

/** A link that records what an examination does on it: `ping`, `let go`, `silent: ping health`, `done: another finds out`. */
class Link implements Examined {
  readonly clock: ManualClock;
  readonly patienceMs: number;
  readonly answeredInMs: number;
  readonly log: string[] = [];

  constructor(clock: ManualClock, patienceMs: number, answeredInMs: number) {
    this.clock = clock;
    this.patienceMs = patienceMs;
    this.answeredInMs = answeredInMs;
  }

  probe(type: ProbeType): void {
    this.log.push(type);
  }

  letGo(): void {
    this.log.push('let go');
  }

  examined(answered: readonly ProbeType[] | undefined, how: 'left' | 'silent' | 'done'): void {
    this.log.push(`${how}: ${answered?.join(' ') ?? 'another finds out'}`);
  }
}

/** A CI that is examined on as many links as a test opens, after answers that took so long. */
export function setUp(patienceMs = 2_000, answeredInMs = 0) {
  const clock = new ManualClock();
  const turn = new Turn();
  const begin = () => {
    const link = new Link(clock, patienceMs, answeredInMs);
    const examination = new Examination(link, turn);
    examination.begin();
    return { examination, log: link.log };
  };
  return { clock, turn, begin };
}
