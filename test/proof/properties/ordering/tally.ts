const MOST_EXAMPLES = 5;

/** Counts of the questions of one story. */
export class Tally {
  asked = 0;
  /** Answers that reached a caller, right or wrong, including errors in the peer's own words. */
  answers = 0;
  wrong = 0;
  cancelled = 0;
  /** Questions without a short deadline or a cancellation, and how many of them were answered. */
  patient = 0;
  patientAnswered = 0;
  /** Questions that failed with `not_sent`. */
  readonly notSent: string[] = [];
  readonly failed: Record<string, number> = {};
  /** The first wrong answers. */
  readonly wrongExamples: string[] = [];
  /** The first violations of the other invariants: ends, deadlines, writes, sockets, leftovers. */
  readonly breaches: string[] = [];

  isWrong(what: string): void {
    this.wrong += 1;
    if (this.wrongExamples.length < MOST_EXAMPLES) this.wrongExamples.push(what);
  }

  breaks(what: string): void {
    if (this.breaches.length < MOST_EXAMPLES) this.breaches.push(what);
  }
}
