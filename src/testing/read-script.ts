import { isPlainObject } from '../checks/index.js';
import { ChoragusError, wrongArgument } from '../errors/index.js';
import type { Script } from './scripted-ci.js';

const of = 'scriptedCi';

/**
 * Checks a script. It is not copied: its methods may need what else it has.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function readScript(script: unknown): Script {
  if (typeof script === 'function') return script as Script;
  try {
    if (isPartly(script)) return script;
  } catch (error) {
    if (error instanceof ChoragusError) throw error;
    // A getter, or a proxy: refused below.
  }
  throw wrongArgument(of, 'script', script, 'a function, or an object with onConnection() or onRequest()');
}

function isPartly(script: unknown): script is Exclude<Script, () => void> {
  if (typeof script !== 'object' || script === null) return false;
  const { onConnection, onRequest } = script as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries({ onConnection, onRequest })) {
    if (value !== undefined && typeof value !== 'function') {
      throw wrongArgument(of, `script.${name}`, value, 'a function');
    }
  }
  return (onConnection ?? onRequest) !== undefined || (isPlainObject(script) && Object.keys(script).length === 0);
}
