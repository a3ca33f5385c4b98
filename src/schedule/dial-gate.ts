/**
 * Limits the concurrent dials of a pool, so that a thousand CIs that return together do not cause a thousand handshakes
 * at once. Permits are given in the order of the calls.
 */
export class DialGate {
  readonly #maxDials: number;
  readonly #waiting = new Set<() => void>();
  #dialling = 0;
  #isPumping = false;

  constructor(maxDials: number) {
    this.#maxDials = maxDials;
  }

  get dialling(): number {
    return this.#dialling;
  }

  /**
   * Calls `start` when a dial may begin, at once or later, with the function that ends it. Returns a function that
   * cancels. Both are idempotent.
   */
  permit(start: (dialled: () => void) => void): () => void {
    let phase: 'waiting' | 'dialling' | 'over' = 'waiting';
    const begin = (): void => {
      phase = 'dialling';
      this.#dialling += 1;
      start(end);
    };
    const end = (): void => {
      const wasDialling = phase === 'dialling';
      phase = 'over';
      this.#waiting.delete(begin);
      if (!wasDialling) return;
      this.#dialling -= 1;
      this.#pump();
    };
    this.#waiting.add(begin);
    this.#pump();
    return end;
  }

  /**
   * Starts waiting dials in a loop: with recursion, each dial that fails at once would start the next one inside
   * itself.
   */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (const begin of this.#waiting) {
        if (this.#dialling >= this.#maxDials) break;
        this.#waiting.delete(begin);
        begin();
      }
    } finally {
      this.#isPumping = false;
    }
  }
}
