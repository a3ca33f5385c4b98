import { createInterface } from 'node:readline';

/** Returns the JSON of the first line that a child prints. Rejects if it ends without one, or when the time is over. */
export function firstLine(child, timeoutMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`said nothing within ${timeoutMs} ms`)), timeoutMs);
    const settle = (act) => {
      clearTimeout(timer);
      act();
    };
    const lines = createInterface({ input: child.stdout });
    lines.once('line', (line) => settle(() => resolve(JSON.parse(line))));
    lines.once('close', () => settle(() => reject(new Error('ended without a word'))));
    child.once('error', (error) => settle(() => reject(error)));
  });
}
