import { Dice } from './dice.js';
import type { OrderingMode } from './environment.js';
import { type Manner, type MannerName, manners } from './manners.js';
import { play } from './play.js';
import type { Story } from './story.js';

/** Questions of one story. Each story starts with a new pool, which does not know the peer yet. */
const QUESTIONS_A_PLAY = 500;

/** Totals of many stories with one behaviour of the peer. */
export interface Figures {
  readonly manner: MannerName;
  readonly answers: number;
  readonly wrong: number;
  /** Of the questions without a short deadline or a cancellation, in stories without cut links. */
  readonly shareAnswered: number;
  readonly probesPerAnswer: number;
  readonly connectionsPer100Answers: number;
  readonly orderViolations: number;
  /** `ordering` of the CI in the last snapshots of the stories. */
  readonly learned: readonly string[];
  readonly failed: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
  readonly breaches: readonly string[];
}

/** Plays stories until there were this many answers. All have cancellations and short deadlines; every second one cuts links. */
export async function figuresOf(manner: MannerName, ordering: OrderingMode, answers: number): Promise<Figures> {
  const sum = { answers: 0, wrong: 0, patient: 0, patientAnswered: 0, probes: 0, connections: 0, orderViolations: 0 };
  const learned = new Set<string>();
  const failed: Record<string, number> = {};
  const examples: string[] = [];
  const breaches: string[] = [];
  let asked = 0;
  // A pool may get almost no answers.
  for (let number = 1; sum.answers < answers && asked < 4 * answers + QUESTIONS_A_PLAY; number += 1) {
    const story = storyOf(manner, number, Math.ceil(Math.min(QUESTIONS_A_PLAY, Math.max(answers / 2, 20))));
    const { tally, ...counts } = await play(story, ordering);
    asked += tally.asked;
    sum.answers += tally.answers;
    sum.wrong += tally.wrong;
    sum.probes += counts.probes;
    sum.connections += counts.connections;
    sum.orderViolations += counts.orderViolations;
    if (story.cutEveryMs === 0) {
      sum.patient += tally.patient;
      sum.patientAnswered += tally.patientAnswered;
    }
    if (counts.learned !== undefined) learned.add(counts.learned);
    for (const [code, times] of Object.entries(tally.failed)) failed[code] = (failed[code] ?? 0) + times;
    if (examples.length === 0) examples.push(...tally.wrongExamples);
    if (breaches.length === 0) breaches.push(...tally.breaches);
  }
  return {
    manner,
    answers: sum.answers,
    wrong: sum.wrong,
    shareAnswered: sum.patientAnswered / Math.max(sum.patient, 1),
    probesPerAnswer: sum.probes / Math.max(sum.answers, 1),
    connectionsPer100Answers: (100 * sum.connections) / Math.max(sum.answers, 1),
    orderViolations: sum.orderViolations,
    learned: [...learned].sort(),
    failed,
    examples,
    breaches,
  };
}

function storyOf(manner: MannerName, number: number, questions: number): Story {
  const dice = new Dice(number);
  const { cuts, pipelining }: Manner = manners[manner];
  return {
    manner,
    seed: number,
    questions,
    callers: dice.pick([1, 4, 8, 24]),
    maxConnections: dice.pick([1, 2, 4]),
    pipelining: dice.pick(pipelining),
    latencyMs: dice.pick([0, 1, 2]),
    pauseMs: dice.pick([0, 2, 10]),
    cancelShare: 0.05,
    hurriedShare: 0.05,
    cutEveryMs: number % 2 === 0 && cuts === 'drawn' ? 200 : 0,
    healthIntervalMs: dice.pick([30_000, 30_000, 30_000, 200]),
    lateReplyGraceMs: dice.pick([1_000, 50]),
  };
}
