import type { Runtime } from './runtime.js';

/** A CI that was removed may still drain under the same name: no two connections of a pool have the same one at once. */
export function freeName(ci: string, number: number, { connections }: Runtime): string {
  let free = number;
  while (connections.has(`${ci}#${free}`)) free += 1;
  return `${ci}#${free}`;
}
