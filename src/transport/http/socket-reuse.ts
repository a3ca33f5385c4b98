/** Moments after an answer at which it is looked whether the socket is still open, in ms. From the second on, each is twice the last. */
export const LOOKS_MS = [50, 250] as const;
/** A close this soon after an answer is the server's answer to that, and not its patience, in ms. */
const [SOON_MS, SETTLED_MS] = LOOKS_MS;
/** A server that kept its sockets open after so many answers keeps them open after more. */
const TRUSTED_ANSWERS = 8;
/** A socket that was opened and never asked on may be used for so long, in ms. */
const UNASKED_MS = 1_000;

/** What has happened on one socket. Moments in ms, on one clock. */
export interface SocketPast {
  readonly openedMs: number;
  readonly answers: number;
  readonly firstAnswerMs: number;
  readonly lastAnswerMs: number;
  /** How long the server said that it keeps the socket after an answer, less a margin; undefined where it did not say. */
  readonly keptMs: number | undefined;
}

/**
 * Learns how long a server keeps its sockets after an answer, and so on which of them a request is safe. A request is lost where the server
 * closes its socket at that moment, and is never sent twice: so nothing is taken for granted.
 *
 * A socket is used again where another of this server has stayed open after as many answers, and for twice as long; not where one was
 * closed after as many answers, or at twice its age. What is learned is corrected by what is seen later.
 *
 * @see `docs/decisions/0016-which-socket-is-safe.md`
 */
export class SocketReuse {
  /** After so many answers, and for so long after one, sockets were seen to stay open. */
  #survivedAnswers = 0;
  #survivedMs = 0;
  /** After so many answers, at this age and after this silence, sockets were seen to be closed. */
  #closedAnswers = Number.POSITIVE_INFINITY;
  #closedAgeMs = Number.POSITIVE_INFINITY;
  #closedIdleMs = Number.POSITIVE_INFINITY;

  /** Whether a request may be written to a socket that is open. */
  isSafe(past: SocketPast, nowMs: number): boolean {
    if (past.answers === 0) return nowMs - past.openedMs < UNASKED_MS;
    const idleMs = nowMs - past.lastAnswerMs;
    const ageMs = nowMs - past.firstAnswerMs;
    if (past.answers >= this.#closedAnswers) return false;
    if (idleMs * 2 > this.#closedIdleMs || ageMs * 2 > this.#closedAgeMs) return false;
    // Not before one has been seen to live: a server that closes a moment after each answer may announce that it does not.
    if (this.#survivedMs < SETTLED_MS) return false;
    const hasProved = this.#survivedAnswers >= Math.min(past.answers, TRUSTED_ANSWERS) || idleMs >= SOON_MS;
    return hasProved && idleMs <= Math.max(this.#survivedMs / 2, past.keptMs ?? 0);
  }

  /** A socket is open, so long after its last answer. */
  survived({ answers, lastAnswerMs, firstAnswerMs }: SocketPast, nowMs: number): void {
    const idleMs = nowMs - lastAnswerMs;
    this.#survivedAnswers = Math.max(this.#survivedAnswers, answers);
    this.#survivedMs = Math.max(this.#survivedMs, idleMs);
    if (answers >= this.#closedAnswers) this.#closedAnswers = Number.POSITIVE_INFINITY;
    if (idleMs > this.#closedIdleMs) this.#closedIdleMs = Number.POSITIVE_INFINITY;
    if (nowMs - firstAnswerMs > this.#closedAgeMs) this.#closedAgeMs = Number.POSITIVE_INFINITY;
  }

  /** The server closed a socket, on which nothing was outstanding or whose request it did not read. */
  closed({ answers, lastAnswerMs, firstAnswerMs }: SocketPast, nowMs: number): void {
    if (answers === 0) return;
    const idleMs = nowMs - lastAnswerMs;
    // Sockets with fewer answers stayed open: it is their number that this server bounds.
    if (idleMs < SOON_MS && answers > this.#survivedAnswers && this.#survivedAnswers > 0) {
      this.#closedAnswers = Math.min(this.#closedAnswers, answers);
      return;
    }
    this.#closedIdleMs = Math.min(this.#closedIdleMs, idleMs);
    this.#closedAgeMs = Math.min(this.#closedAgeMs, nowMs - firstAnswerMs);
    // What was taken for safe was not.
    this.#survivedMs = Math.min(this.#survivedMs, idleMs);
  }

  /** The server went away: who comes back may be another. */
  forget(): void {
    this.#survivedAnswers = 0;
    this.#survivedMs = 0;
    this.#closedAnswers = Number.POSITIVE_INFINITY;
    this.#closedAgeMs = Number.POSITIVE_INFINITY;
    this.#closedIdleMs = Number.POSITIVE_INFINITY;
  }
}
