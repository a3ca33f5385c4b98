/** Formats a measured duration with three digits: `0.041 s`. */
export function measured(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** Formats a configured duration as short as possible: `2 s`, `0.5 s`. */
export function set(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
