/** After this many answers on one link, the CI counts as keeping links open. */
const TRIAL_ANSWERS = 8;
/** The same for a CI that has closed links after an answer. */
const AMENDS_ANSWERS = 1_000;
/** A link that closes this soon after its last answer, in ms, was closed because of it. */
const SOON_MS = 50;

/**
 * Learns whether a CI keeps its links open after an answer. A CI that closes them does so right behind an answer. A
 * request that is written at that moment is lost, and must not be sent again. So until the CI is known to keep links
 * open, a link with nothing in flight takes the next request only after such a close would have arrived.
 */
export class Reuse {
  #believed: 'on trial' | 'stays' | 'leaves' = 'on trial';
  /** What it was before the CI closed a link. */
  #before: 'on trial' | 'stays' = 'on trial';

  /** Returns whether an idle link must be watched for a moment before it takes the next request. */
  get isCareful(): boolean {
    return this.#believed !== 'stays';
  }

  /** Notes the number of answers that a link has given so far. */
  answered(answers: number): void {
    if (answers >= (this.#believed === 'leaves' ? AMENDS_ANSWERS : TRIAL_ANSWERS)) this.#believed = 'stays';
  }

  /** Notes that the CI closed a link, `sinceMs` after its last answer. */
  left(sinceMs: number): void {
    if (sinceMs > SOON_MS || this.#believed === 'leaves') return;
    this.#before = this.#believed;
    this.#believed = 'leaves';
  }

  /** Notes that the CI is down: its links closed because of that, not because of their answers. */
  foundDown(): void {
    if (this.#believed === 'leaves') this.#believed = this.#before;
  }
}
