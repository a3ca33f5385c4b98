import type { World } from './world.js';

/** Totals of everything played, for the report. */
export class Tally {
  stories = 0;
  commands = 0;
  requests = 0;
  answered = 0;
  failed = 0;
  givenUp = 0;

  /** Counts one finished story. */
  add(world: World, commands: number): void {
    this.stories += 1;
    this.commands += commands;
    this.requests += world.seen.length;
    for (const { phase, error } of world.seen) {
      if (phase === 'given up') this.givenUp += 1;
      else if (error === undefined) this.answered += 1;
      else this.failed += 1;
    }
  }
}
