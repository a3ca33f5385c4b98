/** In this time, in ms, the end comes that a peer sends right behind an answer. */
const BEHIND_MS = 2;

/** Calls `then` when an end that the peer sent right behind what was read would have come. */
export function afterItsEnd(then: () => void): void {
  // What lies unread when the time is over is read first.
  setTimeout(() => setImmediate(then), BEHIND_MS).unref();
}
