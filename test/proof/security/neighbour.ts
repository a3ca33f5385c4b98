import v8 from 'node:v8';
import vm from 'node:vm';
import type { Pool } from '../../../src/index.js';
import { watch } from '../../support/watch.js';

/** What happened to a neighbour during an attack. */
export interface Account {
  readonly answered: number;
  /** Outcomes that were no reply, and replies that belonged to another. */
  readonly wrong: readonly string[];
  /** The maximum growth of the process's memory, in MiB. */
  readonly grownMiB: { readonly arrayBuffers: number; readonly heapUsed: number };
}

const MIB = 1024 * 1024;
/** Growth above which garbage is collected before it is judged: only live memory counts. */
const SUSPICIOUS_BYTES = 16 * MIB;

// Vitest does not start its workers with it.
v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/**
 * Asks a healthy CI one question after the other until `stop()`, which settles with the results; samples the
 * memory at the same time.
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
