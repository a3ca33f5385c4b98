import type { Outcome, Pool } from '../contract/index.js';
import { clip } from '../terminal/columns.js';
import { firstLine } from '../terminal/printable.js';
import type { Output, Screen } from '../terminal/screen.js';
import { type Question, teamChat } from '../terminal/team-chat.js';
import { showDrain, showTable, showTotals } from './show-metrics.js';
import { streamedAnswer } from './streamed-answer.js';
import { whatToCheck } from './what-to-check.js';

/** Configures a tour. */
export interface TourOptions {
  readonly question: Question & { readonly deadlineMs: number };
  /** The source of the pool's CIs. */
  readonly cis: 'chorus' | 'environment';
  readonly screen: Screen;
  readonly stderr: Output;
  /** Awaited before the pool is closed. */
  readonly beforeClose?: (() => Promise<void>) | undefined;
}

/** How a tour ended. */
export type TourEnd = 'answered' | 'silence' | 'cancelled';

/** The CI for language: its streamed answer is the longest. */
const preferredSpeaker = 'rhetor';
const drainTimeoutMs = 1_000;

/** Shows a team chat, a streamed answer, a second chat, the states and the metrics. Closes the pool. */
export async function tour(pool: Pool, options: TourOptions): Promise<TourEnd> {
  const { screen, question } = options;
  const owner = options.cis === 'chorus' ? 'the embedded chorus' : 'the environment';
  screen.line(`${screen.style.heading('Choragus')}: a team chat with the ${pool.cis.length} CIs of ${owner}.`);
  const end = await walk(pool, options)
    .then(async (how) => {
      if (how === 'answered') await options.beforeClose?.();
      return how;
    })
    .finally(() => pool.close({ drainTimeoutMs }));
  if (end === 'silence') return end;
  if (end === 'cancelled') screen.heading(`Cancelled by ${String(question.signal.reason)}`);
  showDrain(await pool.close(), screen);
  return end;
}

async function walk(pool: Pool, { question, cis, screen, stderr }: TourOptions): Promise<TourEnd> {
  const { signal, deadlineMs } = question;
  screen.heading(clip(`First chat: "${firstLine(question.message)}"`, screen.width));
  const outcomes = await teamChat(pool, question, screen);
  if (signal.aborted) return 'cancelled';
  const speaker = speakerOf(outcomes);
  if (speaker === undefined) {
    const addressOf = (ci: string): string => pool.snapshot().cis[ci]?.url ?? ci;
    stderr.write(`\n${whatToCheck({ outcomes, cis, deadlineMs, addressOf })}`);
    return 'silence';
  }
  screen.heading(`Streamed answer of ${speaker}`);
  await streamedAnswer(pool, speaker, question, screen);
  if (signal.aborted) return 'cancelled';
  screen.heading('Second chat: the same question, over open connections');
  await teamChat(pool, question, screen);
  if (signal.aborted) return 'cancelled';
  screen.heading('States and metrics (times in ms)');
  const snapshot = pool.snapshot();
  showTable(snapshot, screen);
  showTotals(snapshot.totals.metrics, screen);
  return 'answered';
}

/** Returns the CI to stream from: one that has just answered. */
function speakerOf(outcomes: readonly Outcome[]): string | undefined {
  const answered = outcomes.filter(({ ok }) => ok).map(({ ci }) => ci);
  return answered.includes(preferredSpeaker) ? preferredSpeaker : answered[0];
}
