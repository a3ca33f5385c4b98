import type { RequestScript } from '../scripted-ci.js';
import type { EchoOptions } from '../scripted-request.js';

/** Answers each request twice. */
export function duplicates(options: EchoOptions = {}): RequestScript {
  return (request) => {
    request.reply('once', options);
    request.reply('twice', options);
  };
}

/** Answers, and then says something that nobody asked for. */
export function unsolicited(options: EchoOptions = {}): RequestScript {
  return (request) => {
    request.reply('asked for', options);
    request.reply('not asked for', { echo: false });
  };
}

/** Answers with a reply that fits another request: a `pong` (to a ping, a `chat_response`). */
export function wrongType(options: EchoOptions = {}): RequestScript {
  return (request) => {
    const type = request.message.type === 'ping' ? 'chat_response' : 'pong';
    request.reply({ type, content: 'an answer to something else' }, options);
  };
}

/** Answers with a reply of the right type that carries no text. */
export function withoutContent(options: EchoOptions = {}): RequestScript {
  return (request) => request.reply({ type: 'chat_response' }, options);
}
