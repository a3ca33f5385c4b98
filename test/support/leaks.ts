/**
 * What a test can leave behind: sockets and servers that keep the process alive. Not timers: the test runner has some of its
 * own, which come and go. Those of a pool are counted by its clock (`CountingClock`, `ManualClock`).
 */
const watched = /^(TCP|TLS|Pipe)/;

/** Turns of the event loop after which what is still there counts as leaked. */
const MAX_TURNS = 20_000;

/**
 * Notes which sockets and servers the process has. The function returned waits, by turns of the event loop, until there
 * are no more of any kind than there were, and fails when that does not come.
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
