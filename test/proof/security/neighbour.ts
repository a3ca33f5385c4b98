import v8 from 'node:v8';
import vm from 'node:vm';
import type { Pool } from '../../../src/index.js';
import { watch } from '../../support/watch.js';

/** What a neighbour went through while an attack lasted. */
export interface Account {
  readonly answered: number;
  /** Outcomes that were no reply, and replies that were another's. */
  readonly wrong: readonly string[];
  /** The most that the process held beyond what it held at the beginning, in MiB. */
  readonly grownMiB: { readonly arrayBuffers: number; readonly heapUsed: number };
}

const MIB = 1024 * 1024;
/** Growth above which garbage is collected before it is judged: what counts is what is held. */
const SUSPICIOUS_BYTES = 16 * MIB;

// Vitest's workers are not started with it.
v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/**
 * Asks a healthy CI, one question after the other, until `stop()`, which settles with the account; and samples the
 * memory meanwhile.
 */
export function askMeanwhile(pool: Pool, ci: string): { stop(): Promise<Account> } {
  const wrong: string[] = [];
  const start = process.memoryUsage();
  const most = { arrayBuffers: 0, heapUsed: 0 };
  let answered = 0;
  let isOver = false;
  const sample = (): void => {
    let now = process.memoryUsage();
    const grown = now.arrayBuffers + now.heapUsed - start.arrayBuffers - start.heapUsed;
    if (grown > SUSPICIOUS_BYTES) {
      collectGarbage();
      now = process.memoryUsage();
    }
    most.arrayBuffers = Math.max(most.arrayBuffers, (now.arrayBuffers - start.arrayBuffers) / MIB);
    most.heapUsed = Math.max(most.heapUsed, (now.heapUsed - start.heapUsed) / MIB);
  };
  const asking = (async () => {
    do {
      const question = `question ${answered + wrong.length}`;
      const asked = watch(pool.ask(ci, question, { deadlineMs: 8_000 }));
      const outcome = await asked.ended;
      if (outcome === 'reply' && asked.values[0]?.content === question) answered += 1;
      else wrong.push(outcome);
      sample();
      await new Promise((resolve) => setImmediate(resolve));
    } while (!isOver);
  })();
  return {
    stop: async () => {
      isOver = true;
      await asking;
      return { answered, wrong, grownMiB: most };
    },
  };
}
