import type { Outcome, Reply } from '../../contract/index.js';
import type { ChoragusError } from '../../errors/index.js';

/** Returns how one CI's request ended, as a line of JSON. */
export function outcomeJson(outcome: Outcome): string {
  if (!outcome.ok) return `${JSON.stringify({ ci: outcome.ci, ok: false, error: errorData(outcome.error) })}\n`;
  const { ci, reply } = outcome;
  const { content, model, type, reused, timings } = reply;
  return `${JSON.stringify({ ci, ok: true, content, model, type, ...extrasOf(reply), reused, timings })}\n`;
}

/** Returns what a model server sends beside the text. What it does not send is left out. */
export function extrasOf({ usage, finishReason, reasoning, toolCalls, refusal }: Reply) {
  return { usage, finishReason, reasoning, toolCalls, refusal };
}

/** A failure, as data. */
function errorData({ code, reason, said, delivery, phase, status, retryAfterMs, partial, timings }: ChoragusError) {
  return { code, message: reason, said, delivery, phase, status, retryAfterMs, partial, timings };
}
