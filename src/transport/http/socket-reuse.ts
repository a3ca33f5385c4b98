/** Times after an answer at which the socket is checked, in ms. After the second, each is twice the last. */
export const LOOKS_MS = [50, 250] as const;
/** A close this soon after an answer is due to the answer, not to an idle timeout, in ms. */
const [SOON_MS, SETTLED_MS] = LOOKS_MS;
/** A server that kept sockets open after this many answers is expected to keep them after more. */
const TRUSTED_ANSWERS = 8;
/** How long a socket that was opened and not used may still be used, in ms. */
const UNASKED_MS = 1_000;

/** The history of one socket. Times in ms, on one clock. */
export interface SocketPast {
  readonly openedMs: number;
  readonly answers: number;
  readonly firstAnswerMs: number;
  readonly lastAnswerMs: number;
  /**
   * How long the server announced that it keeps the socket after an answer, less a margin; undefined if it announced
   * nothing.
   */
  readonly keptMs: number | undefined;
}

/**
 * Learns how long a server keeps its sockets after an answer, and so on which of them a request is safe. A request is
 * lost if the server closes its socket at the same moment, and it is never sent twice, so a socket is used only after
 * evidence.
 *
 * A socket is used again if another socket of the server stayed open after as many answers, and for twice as long. It
 * is not used if one was closed after as many answers, or at twice its age. Later observations correct earlier ones.
 *
 * @see `docs/decisions/0016-which-socket-is-safe.md`
 */
export class SocketReuse {
  /** The most answers, and the longest silence, after which sockets stayed open. */
  #survivedAnswers = 0;
  #survivedMs = 0;
  /** The fewest answers, the youngest age and the shortest silence at which sockets were closed. */
  #closedAnswers = Number.POSITIVE_INFINITY;
  #closedAgeMs = Number.POSITIVE_INFINITY;
  #closedIdleMs = Number.POSITIVE_INFINITY;

  /** Returns whether a request may be written to an open socket. */
  isSafe(past: SocketPast, nowMs: number): boolean {
    if (past.answers === 0) return nowMs - past.openedMs < UNASKED_MS;
    const idleMs = nowMs - past.lastAnswerMs;
    const ageMs = nowMs - past.firstAnswerMs;
    if (past.answers >= this.#closedAnswers) return false;
    if (idleMs * 2 > this.#closedIdleMs || ageMs * 2 > this.#closedAgeMs) return false;
    // One socket must have survived first: a server that closes each one a moment after its answer may announce
    // otherwise.
    if (this.#survivedMs < SETTLED_MS) return false;
    const hasProved = this.#survivedAnswers >= Math.min(past.answers, TRUSTED_ANSWERS) || idleMs >= SOON_MS;
    return hasProved && idleMs <= Math.max(this.#survivedMs / 2, past.keptMs ?? 0);
  }

  /** Learns from a socket that is open this long after its last answer. */
  survived({ answers, lastAnswerMs, firstAnswerMs }: SocketPast, nowMs: number): void {
    const idleMs = nowMs - lastAnswerMs;
    this.#survivedAnswers = Math.max(this.#survivedAnswers, answers);
    this.#survivedMs = Math.max(this.#survivedMs, idleMs);
    if (answers >= this.#closedAnswers) this.#closedAnswers = Number.POSITIVE_INFINITY;
    if (idleMs > this.#closedIdleMs) this.#closedIdleMs = Number.POSITIVE_INFINITY;
    if (nowMs - firstAnswerMs > this.#closedAgeMs) this.#closedAgeMs = Number.POSITIVE_INFINITY;
  }

  /** Learns from a socket that the server closed while it was idle, or without reading its request. */
  closed({ answers, lastAnswerMs, firstAnswerMs }: SocketPast, nowMs: number): void {
    if (answers === 0) return;
    const idleMs = nowMs - lastAnswerMs;
    // Sockets with fewer answers stayed open: this server limits their number.
    if (idleMs < SOON_MS && answers > this.#survivedAnswers && this.#survivedAnswers > 0) {
      this.#closedAnswers = Math.min(this.#closedAnswers, answers);
      return;
    }
    this.#closedIdleMs = Math.min(this.#closedIdleMs, idleMs);
    this.#closedAgeMs = Math.min(this.#closedAgeMs, nowMs - firstAnswerMs);
    // The limit was too high.
    this.#survivedMs = Math.min(this.#survivedMs, idleMs);
  }

  /** Forgets everything, because the server was down: another one may return. */
  forget(): void {
    this.#survivedAnswers = 0;
    this.#survivedMs = 0;
    this.#closedAnswers = Number.POSITIVE_INFINITY;
    this.#closedAgeMs = Number.POSITIVE_INFINITY;
    this.#closedIdleMs = Number.POSITIVE_INFINITY;
  }
}
