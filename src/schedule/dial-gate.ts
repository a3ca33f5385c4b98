/**
 * Caps the dials under way at once in a pool, so that a thousand CIs that come back together do not meet a thousand
 * handshakes. Permits are given in the order of asking.
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

  /** Calls `start` when a dial may begin, at once or later, with what ends it. Returns what cancels; both idempotent. */
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

  /** Begins what may begin: in a loop, since a dial that fails at once would otherwise begin the next one inside itself. */
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
