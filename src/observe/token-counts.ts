/**
 * Upper bounds of the buckets of a token count.
 *
 * @see GenAI semantic conventions, version 1.41.0, metric `gen_ai.client.token.usage`
 */
export const tokenBounds: readonly number[] = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** Counts how many tokens single answers cost. */
export class TokenCounts {
  /** One count for each of {@link tokenBounds}, and one for what is above. */
  readonly counts: number[] = [...tokenBounds, Number.POSITIVE_INFINITY].map(() => 0);
  count = 0;
  sum = 0;

  /** @param tokens - A whole number, 0 or more. */
  record(tokens: number): void {
    let bucket = 0;
    while (bucket < tokenBounds.length && tokens > (tokenBounds[bucket] as number)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.count += 1;
    this.sum += tokens;
  }
}
