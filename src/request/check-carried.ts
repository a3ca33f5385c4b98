import type { Transport, WireMessage } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** Checks that a CI's wire can carry a message. @throws ChoragusError `invalid_config` with what it cannot carry. */
export function checkCarried(message: object, { name, transport }: { name: string; transport: Transport }): void {
  const why = refusalOf(message, transport);
  if (why !== undefined) throw new ChoragusError('invalid_config', why, { ci: name, delivery: 'not_sent' });
}

/** Returns why a wire cannot carry a message; undefined if it can. */
export function refusalOf(message: object, transport: Transport): string | undefined {
  return transport.refusal === undefined ? lineRefusal(message) : transport.refusal(message);
}

/** Returns why a wire of single messages cannot carry a message; undefined if it can. */
function lineRefusal({ type = 'chat', content, messages }: Partial<WireMessage>): string | undefined {
  if (type !== 'chat' || content !== undefined || messages === undefined) return undefined;
  return 'only model servers take "messages" instead of "content" (ollama:, openai+http:)';
}
