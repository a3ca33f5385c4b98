/**
 * How moments lie within a window: their shares in each tenth of it, from 0 to 1. Moments outside count as of its last
 * tenth.
 */
export function tenthsOf(momentsMs: readonly number[], windowMs: number): number[] {
  const counts = Array<number>(10).fill(0);
  for (const momentMs of momentsMs) {
    const tenth = Math.min(9, Math.floor((10 * momentMs) / windowMs));
    counts[tenth] = (counts[tenth] as number) + 1;
  }
  return counts.map((count) => count / momentsMs.length);
}
