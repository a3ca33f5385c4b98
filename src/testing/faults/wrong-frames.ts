import { type EchoOptions, readEcho } from '../echo-options.js';
import type { RequestScript } from '../scripted-ci.js';

/** Answers each request twice. */
export function duplicates(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('duplicates', options) };
  return (request) => {
    request.reply('once', how);
    request.reply('twice', how);
  };
}

/** Answers, and then says something that nobody asked for. */
export function unsolicited(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('unsolicited', options) };
  return (request) => {
    request.reply('asked for', how);
    request.reply('not asked for', { echo: false });
  };
}

/** Answers with a reply that fits another request: a `pong` (to a ping, a `chat_response`). */
export function wrongType(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('wrongType', options) };
  return (request) => {
    const type = request.message.type === 'ping' ? 'chat_response' : 'pong';
    request.reply({ type, content: 'an answer to something else' }, how);
  };
}

/** Answers with a reply of the right type that carries no text. */
export function withoutContent(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('withoutContent', options) };
  return (request) => request.reply({ type: 'chat_response' }, how);
}
