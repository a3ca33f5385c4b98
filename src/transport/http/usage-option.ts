import type { ChoragusError } from '../../errors/index.js';

/** Whether a request asks to have its tokens counted (`stream_options.include_usage`). */
export type UsageAsked = 'asked' | 'not asked';

/** The statuses by which a server refuses a request that it has not begun. */
const REFUSED: readonly unknown[] = [400, 422];
/** The words by which a server refuses this option, and those by which it refuses some field that it does not know. */
const THIS_OPTION = /stream.?options|include.?usage/i;
const UNKNOWN_FIELD =
  /unknown|unrecogni[sz]ed|unexpected|unsupported|extra |additional|not (?:permitted|allowed|supported)/i;

/**
 * Learns whether a server counts tokens when asked. One that knows no such option may refuse the request for it; that it did proves that it
 * has begun nothing, so the request is asked once more without.
 */
export class UsageOption {
  #state: 'not known' | 'counts' | 'may refuse' | 'refuses' = 'not known';

  /** Whether to ask. */
  get isAsked(): boolean {
    return this.#state === 'not known' || this.#state === 'counts';
  }

  /** A request was answered. */
  answered(usage: UsageAsked): void {
    if (usage === 'asked') this.#state = 'counts';
    else if (this.#state === 'may refuse') this.#state = 'refuses';
  }

  /** A request failed. Returns whether it may have failed for this option, and is to be asked once more without it. */
  isToBlame(usage: UsageAsked, { status, said }: ChoragusError): boolean {
    if (!REFUSED.includes(status)) return false;
    if (usage === 'asked') {
      // A gateway may take the option for one model, and refuse it for the next.
      const isNamed = THIS_OPTION.test(said ?? '');
      if (!isNamed && (this.#state !== 'not known' || (said !== undefined && !UNKNOWN_FIELD.test(said)))) return false;
      this.#state = 'may refuse';
      return true;
    }
    // It was refused without the option, too: something else was wrong with it.
    if (this.#state === 'may refuse') this.#state = 'not known';
    return false;
  }

  /** The server went away: who comes back may be another. */
  forget(): void {
    this.#state = 'not known';
  }
}
