import type { ChoragusError } from '../../errors/index.js';

/** Whether a request asks for token counts (`stream_options.include_usage`). */
export type UsageAsked = 'asked' | 'not asked';

/** The statuses with which a server refuses a request that it has not begun. */
const REFUSED: readonly unknown[] = [400, 422];
/** The words with which a server refuses this option, and those with which it refuses any unknown field. */
const THIS_OPTION = /stream.?options|include.?usage/i;
const UNKNOWN_FIELD =
  /unknown|unrecogni[sz]ed|unexpected|unsupported|extra |additional|not (?:permitted|allowed|supported)/i;

/**
 * Learns whether a server counts tokens on request. A server that does not know the option may refuse the request. The
 * refusal proves that it has done no work, so the request is repeated without the option.
 */
export class UsageOption {
  #state: 'not known' | 'counts' | 'may refuse' | 'refuses' = 'not known';

  /** Returns whether to ask for token counts. */
  get isAsked(): boolean {
    return this.#state === 'not known' || this.#state === 'counts';
  }

  /** Learns from a request that was answered. */
  answered(usage: UsageAsked): void {
    if (usage === 'asked') this.#state = 'counts';
    else if (this.#state === 'may refuse') this.#state = 'refuses';
  }

  /**
   * Learns from a request that failed. Returns whether the option may be the cause, so that the request must be
   * repeated without it.
   */
  isToBlame(usage: UsageAsked, { status, said }: ChoragusError): boolean {
    if (!REFUSED.includes(status)) return false;
    if (usage === 'asked') {
      // A gateway may accept the option for one model, and refuse it for the next.
      const isNamed = THIS_OPTION.test(said ?? '');
      if (!isNamed && (this.#state !== 'not known' || (said !== undefined && !UNKNOWN_FIELD.test(said)))) return false;
      this.#state = 'may refuse';
      return true;
    }
    // It was refused without the option, too, so the option was not the cause.
    if (this.#state === 'may refuse') this.#state = 'not known';
    return false;
  }

  /** Forgets everything, because the server was down: another one may return. */
  forget(): void {
    this.#state = 'not known';
  }
}
