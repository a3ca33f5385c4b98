/**
 * How much is played, from the environment: `PROPERTY_RUNS` says how many stories (and how many orders) at least,
 * `PROPERTY_COMMANDS` how many acts at least, `PROPERTY_SEED` from which seed: a number plays those of an earlier run
 * again, `random` draws new ones.
 */
const { PROPERTY_RUNS, PROPERTY_COMMANDS, PROPERTY_SEED } = process.env;

/** Stories of one seed: after these the next seed's begin, so that a fault can be played again without all before it. */
const BATCH = 1_000;

/** What is played of one kind. */
export interface Runs {
  readonly runs: number;
  readonly commands: number;
  readonly seed: number;
}

/** What the environment says, or this many runs of this seed. */
export function runsOr(runs: number, seed: number): Runs {
  return {
    runs: Number(PROPERTY_RUNS ?? runs),
    commands: Number(PROPERTY_COMMANDS ?? 0),
    seed: PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(PROPERTY_SEED ?? seed),
  };
}

/** Plays batches, each of a seed of its own, until there were enough runs and, by `commandsOf()`, enough commands. */
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
