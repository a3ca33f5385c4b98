import type { Transport, WireMessage } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';

/** Checks that a CI's wire can carry a message. @throws ChoragusError `invalid_config`, naming what it cannot carry. */
export function checkCarried(message: object, { name, transport }: { name: string; transport: Transport }): void {
  const why = transport.refusal === undefined ? lineRefusal(message) : transport.refusal(message);
  if (why !== undefined) throw new ChoragusError('invalid_config', why, { ci: name, delivery: 'not_sent' });
}

/** Why a message cannot go over a wire that carries single messages. */
function lineRefusal({ type = 'chat', content, messages }: Partial<WireMessage>): string | undefined {
  if (type !== 'chat' || content !== undefined || messages === undefined) return undefined;
  return 'messages in place of content can be sent to model servers alone (ollama:, openai+http:)';
}
