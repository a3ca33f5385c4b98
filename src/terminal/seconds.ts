/** A duration as it was measured: `0.041 s`. */
export function measured(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** A duration as it was set: `2 s`, `0.5 s`. */
export function set(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
