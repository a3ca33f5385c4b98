/** A link that gave so many answers stays up. */
const TRIAL_ANSWERS = 8;
/** A CI that was seen to leave is believed to stay after so many on one link. */
const AMENDS_ANSWERS = 1_000;
/** A link that ends so soon after its last answer, in ms, was ended because of it. */
const SOON_MS = 50;

/**
 * Whether a CI leaves its links up after an answer. One that ends them, after each or after a few, does so right behind an answer: a request
 * that is written meanwhile is lost, and must not be sent again. So until a CI is known to stay, a link that has nothing outstanding
 * takes the next request only when an end would have come.
 */
export class Reuse {
  #believed: 'on trial' | 'stays' | 'leaves' = 'on trial';
  /** What was believed before it was seen to leave. */
  #before: 'on trial' | 'stays' = 'on trial';

  /** Whether a link with nothing outstanding is to be watched for a moment before it takes the next request. */
  get isCareful(): boolean {
    return this.#believed !== 'stays';
  }

  /** A link has given so many answers. */
  answered(answers: number): void {
    if (answers >= (this.#believed === 'leaves' ? AMENDS_ANSWERS : TRIAL_ANSWERS)) this.#believed = 'stays';
  }

  /** The CI ended a link, so long after its last answer, in ms. */
  left(sinceMs: number): void {
    if (sinceMs > SOON_MS || this.#believed === 'leaves') return;
    this.#before = this.#believed;
    this.#believed = 'leaves';
  }

  /** It is down: its links ended because of that, and not because of their answers. */
  foundDown(): void {
    if (this.#believed === 'leaves') this.#believed = this.#before;
  }
}
