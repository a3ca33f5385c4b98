/**
 * Caps the dials under way at once in a pool, so that a thousand CIs that come back together do not meet a thousand
 * handshakes. Permits are given in the order of asking.
 */
export class DialGate {
  readonly #maxDials: number;
  readonly #waiting = new Set<() => void>();
  #dialling = 0;

  constructor(maxDials: number) {
    this.#maxDials = maxDials;
  }

  get dialling(): number {
    return this.#dialling;
  }

  /** Calls `start` when a dial may begin, at once or later, with what ends it. Returns what cancels; both idempotent. */
  permit(start: (dialled: () => void) => void): () => void {
    let phase: 'waiting' | 'dialling' | 'over' = 'waiting';
    const end = (): void => {
      if (phase === 'dialling') {
        phase = 'over';
        this.#dialling -= 1;
        this.#next();
      }
      phase = 'over';
      this.#waiting.delete(begin);
    };
    const begin = (): void => {
      this.#waiting.delete(begin);
      this.#dialling += 1;
      phase = 'dialling';
      start(end);
    };
    if (this.#dialling < this.#maxDials) begin();
    else this.#waiting.add(begin);
    return end;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first !== undefined && this.#dialling < this.#maxDials) first();
  }
}
