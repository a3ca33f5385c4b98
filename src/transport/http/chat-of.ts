import type { Frame } from '../../contract/index.js';
import type { Chat, ChatLine } from './dialect.js';

/**
 * The chat of a request: `context.system` is the system's prompt, `context.history` what was said before (`{ role, content }` each), and
 * all else in `context` is told to the model as JSON, since a CI of its own would have it, too.
 */
export function chatOf(frame: Frame): Chat {
  const context = isRecord(frame.context) ? frame.context : {};
  const { system, history, ...rest } = context;
  const prompts = [
    ...(typeof system === 'string' ? [system] : []),
    ...(Object.keys(rest).length > 0 ? [`Context: ${JSON.stringify(rest)}`] : []),
  ];
  const asked = { role: 'user', content: typeof frame.content === 'string' ? frame.content : '' };
  return {
    messages: [...prompts.map((content) => ({ role: 'system', content })), ...linesOf(history), asked],
    temperature: numberOf(frame.temperature),
    maxTokens: numberOf(frame.max_tokens),
  };
}

function linesOf(history: unknown): ChatLine[] {
  if (!Array.isArray(history)) return [];
  return history.flatMap((line: unknown) =>
    isRecord(line) && typeof line.role === 'string' && typeof line.content === 'string'
      ? [{ role: line.role, content: line.content }]
      : [],
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
