import { effect, signal } from '@preact/signals';
import { codesOf, type Overview, ranksOf } from './ci-list.js';
import { model, now, source } from './session.js';
import { isInTrouble, type Trouble, troubleOf } from './troubles.js';

/** Shortest time between two assessments in ms: of a service, and of a recording, where a slider moves. */
const LIVE_MS = 1_000;
const REPLAY_MS = 100;

/** All CIs, assessed at one time, and what the filters offer. */
export interface Assessment extends Overview {
  /** Number of CIs in trouble. */
  readonly inTrouble: number;
  /** Number of CIs with each error code, the most frequent first. */
  readonly codes: readonly (readonly [string, number])[];
}

let ranks: ReadonlyMap<string, number> = new Map();

/** The newest assessment. Renewed at most once a second, because 5,000 CIs are too much work for each frame. */
export const overview = signal<Assessment>(assess());

function assess(): Assessment {
  const { cis } = model;
  const at = now.peek();
  const troubles = new Map<string, Trouble>();
  let inTrouble = 0;
  let isRanked = ranks.size === cis.size;
  for (const [name, ci] of cis) {
    isRanked &&= ranks.has(name);
    const trouble = troubleOf(ci, at);
    if (trouble === undefined) continue;
    troubles.set(name, trouble);
    if (isInTrouble(trouble)) inTrouble += 1;
  }
  // Names are slow to compare, and seldom change.
  if (!isRanked) ranks = ranksOf(cis.keys());
  return { cis, troubles, ranks, inTrouble, codes: codesOf(cis.values()) };
}

let assessedMs = Number.NEGATIVE_INFINITY;
let wasReady = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function renew(): void {
  clearTimeout(timer);
  timer = undefined;
  assessedMs = performance.now();
  overview.value = assess();
}

effect(() => {
  void model.version.value;
  const everyMs = source.value.from === 'file' ? REPLAY_MS : LIVE_MS;
  const waitMs = assessedMs + everyMs - performance.now();
  // The end of the first state is shown at once.
  const isNowReady = model.isReady && !wasReady;
  wasReady = model.isReady;
  if (isNowReady || waitMs <= 0) renew();
  else timer ??= setTimeout(renew, waitMs);
});
