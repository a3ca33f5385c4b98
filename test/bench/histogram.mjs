/** Buckets for each doubling of the value: values are exact within 1 %. */
const PARTS = 64;
const PART_BITS = 6;
const OCTAVES = 26;
const UNITS_PER_MS = 10_000;
const UNITS_PER_US = 10;

/** Counts latencies in buckets whose width grows with the value. Recording one allocates nothing. */
export class Histogram {
  #counts = new Uint32Array(PARTS * (OCTAVES + 1));
  #total = 0;

  /** Records one latency: up to 200 s, to the 0.1 µs. */
  record(durationMs) {
    const units = (durationMs * UNITS_PER_MS) | 0;
    const shift = units < 2 * PARTS ? 0 : 31 - PART_BITS - Math.clz32(units);
    this.#counts[shift * PARTS + (units >>> shift)] += 1;
    this.#total += 1;
  }

  /** Returns the latency in µs that `part` (0 to 1) of all did not exceed; the middle of its bucket. */
  quantileUs(part) {
    let left = Math.max(1, Math.ceil(this.#total * part));
    for (let index = 0; index < this.#counts.length; index += 1) {
      left -= this.#counts[index];
      if (left <= 0) return middleOf(index) / UNITS_PER_US;
    }
    return 0;
  }
}

function middleOf(index) {
  if (index < 2 * PARTS) return index;
  const shift = Math.floor(index / PARTS) - 1;
  return (index - shift * PARTS + 0.5) * 2 ** shift;
}
