import type { Outcome } from '../../contract/index.js';
import type { ChoragusError } from '../../errors/index.js';

/** How one CI's request ended, as a line of JSON. */
export function outcomeJson(outcome: Outcome): string {
  if (!outcome.ok) return `${JSON.stringify({ ci: outcome.ci, ok: false, error: errorData(outcome.error) })}\n`;
  const { ci, reply } = outcome;
  const { content, model, type, reused, timings } = reply;
  return `${JSON.stringify({ ci, ok: true, content, model, type, reused, timings })}\n`;
}

/** A failure, as data. */
function errorData({ code, reason, delivery, phase, partial, timings }: ChoragusError) {
  return { code, message: reason, delivery, phase, partial, timings };
}
