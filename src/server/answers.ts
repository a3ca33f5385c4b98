import type { Frame } from '../contract/index.js';
import type { CiService } from './options.js';

/**
 * Returns the type of the reply to a request of this type.
 *
 * @internal
 */
export function replyTypeOf(requestType: unknown): string {
  switch (requestType) {
    case 'chat':
      return 'chat_response';
    case 'ping':
      return 'pong';
    case 'health':
      return 'health_response';
    case 'info':
      return 'info_response';
    default:
      return 'response';
  }
}

/**
 * Returns the answer that a CI gives without its handler, as the original specialists do. Returns `undefined` for a type that the handler
 * answers.
 *
 * @internal
 */
export function ownAnswer(requestType: string, service: CiService): Frame | undefined {
  const head = { type: replyTypeOf(requestType), ai_id: service.id };
  switch (requestType) {
    case 'ping':
      // In seconds, as the specialists send it.
      return { ...head, timestamp: Date.now() / 1_000 };
    case 'health': {
      const { component, model } = service;
      return { ...head, status: 'healthy', component, model, clients: service.clients() };
    }
    case 'info':
      return { ...head, ...info(service) };
    default:
      return undefined;
  }
}

function info(service: CiService): Frame {
  const colon = service.model.indexOf(':');
  return {
    component: service.component,
    description: service.description,
    model_provider: service.model.slice(0, Math.max(colon, 0)),
    model_name: service.model.slice(colon + 1),
    system_prompt: service.systemPrompt,
    port: service.port(),
  };
}
