import type { Target } from '../../contract/index.js';
import { wrongArgument } from '../../errors/index.js';

/**
 * Checks the parts of a target that no wire checks itself.
 *
 * @param of - The transport's name.
 * @throws ChoragusError `invalid_config`.
 */
export function checkTarget(of: string, target: Target): void {
  for (const name of ['ci', 'url'] as const) {
    const value = fieldOf(target, name);
    if (typeof value !== 'string') throw wrongArgument(of, `target.${name}`, value, 'a string');
  }
  const maxReplyBytes = fieldOf(target, 'maxReplyBytes');
  if (typeof maxReplyBytes === 'number' && maxReplyBytes >= 1) return;
  throw wrongArgument(of, 'target.maxReplyBytes', maxReplyBytes, 'a number of bytes from 1');
}

/** Returns a field; undefined if there is none, or it cannot be read. */
function fieldOf(target: unknown, name: keyof Target): unknown {
  try {
    return (target as Partial<Target> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
