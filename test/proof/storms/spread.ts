/**
 * Returns how moments spread over a window: their share in each tenth of it, from 0 to 1. Moments outside count in the last
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
