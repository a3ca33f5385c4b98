/**
 * Reads from the environment how much to run: `PROPERTY_RUNS` is the minimum number of stories (and of orders),
 * `PROPERTY_COMMANDS` the minimum number of commands, `PROPERTY_SEED` the first seed: a number repeats an earlier run,
 * `random` draws new ones.
 */
const { PROPERTY_RUNS, PROPERTY_COMMANDS, PROPERTY_SEED } = process.env;

/** Number of stories of one seed. The next seed follows, so that a fault can be repeated without all the stories before it. */
const BATCH = 1_000;

/** The amount to run of one kind. */
export interface Runs {
  readonly runs: number;
  readonly commands: number;
  readonly seed: number;
}

/** Reads the amount from the environment; by default, this many runs of this seed. */
export function runsOr(runs: number, seed: number): Runs {
  return {
    runs: Number(PROPERTY_RUNS ?? runs),
    commands: Number(PROPERTY_COMMANDS ?? 0),
    seed: PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(PROPERTY_SEED ?? seed),
  };
}

/** Runs batches, each with its own seed, until there were enough runs and, by `commandsOf()`, enough commands. */
export async function playAll(
  { runs, commands, seed }: Runs,
  commandsOf: () => number,
  play: (batch: { readonly numRuns: number; readonly seed: number }) => Promise<void>,
): Promise<void> {
  for (let played = 0; played < runs || commandsOf() < commands; played += BATCH) {
    const left = runs - played;
    await play({ numRuns: left > 0 ? Math.min(BATCH, left) : BATCH, seed: seed + played / BATCH });
  }
}
