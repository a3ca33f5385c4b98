/**
 * Finds leaks: sockets and servers that keep the process alive. It leaves timers out: the test runner has timers of its
 * own, which come and go. A pool's timers are counted by its clock (`CountingClock`, `ManualClock`).
 */
const watched = /^(TCP|TLS|Pipe)/;

/** Number of event loop turns after which a handle counts as leaked. */
const MAX_TURNS = 20_000;

/**
 * Counts the sockets and servers of the process. The returned function waits, in turns of the event loop, until no kind
 * has more than before, and fails if that does not happen.
 *
 * @example
 * ```ts
 * const settled = expectNoLeaks();
 * // … open and close things …
 * await settled();
 * ```
 */
export function expectNoLeaks(): () => Promise<void> {
  const before = resources();
  return async () => {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (leaked(before).length === 0) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`leaked: ${leaked(before).join(', ')}`);
  };
}

function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (watched.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function leaked(before: ReadonlyMap<string, number>): string[] {
  return [...resources()]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`);
}
