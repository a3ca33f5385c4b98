import { wrongArgument } from '../../errors/index.js';
import { type EchoOptions, readEcho } from '../echo-options.js';
import type { RequestScript } from '../scripted-ci.js';
import type { ScriptedRequest } from '../scripted-connection.js';

/** About the longest string that V8 can hold. */
const MOST_BYTES = 2 ** 29 - 1_024;

/** Answers with a line that is not JSON. */
export function garbage(): RequestScript {
  return (request) => request.replyText('%! this is no JSON\n');
}

/** Answers with a line that is JSON but not an object. */
export function notAnObject(): RequestScript {
  return (request) => request.replyText('[1,2]\n');
}

/** Answers with a reply whose line is `bytes` bytes long, without its line end. */
export function oversize(bytes: number): RequestScript {
  if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= MOST_BYTES)) {
    throw wrongArgument('oversize', 'bytes', bytes, `a whole number from 0 to ${MOST_BYTES}`);
  }
  return (request) => {
    const padding = Math.max(bytes - Buffer.byteLength(replyLine(request, '')), 0);
    request.replyText(`${replyLine(request, 'x'.repeat(padding))}\n`);
  };
}

/** Answers correctly, but sends each byte in a separate packet. This also cuts characters in two. */
export function splitBytes(): RequestScript {
  return (request) => {
    void request.connection.sendSplit(`${replyLine(request, 'Grüße, 世界 🎭')}\n`, 1);
  };
}

/** Answers each request twice. */
export function duplicates(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('duplicates', options) };
  return (request) => {
    request.reply('once', how);
    request.reply('twice', how);
  };
}

/** Answers, and then sends a reply that belongs to no request. */
export function unsolicited(options?: EchoOptions): RequestScript {
  const how = { echo: readEcho('unsolicited', options) };
  return (request) => {
    request.reply('asked for', how);
    request.reply('not asked for', { echo: false });
  };
}

/** Answers with a reply of the wrong type: a `pong`, or a `chat_response` to a ping. */
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

/** Returns a correct answer as a line, without its line end. */
export function replyLine({ message }: ScriptedRequest, content: string): string {
  return JSON.stringify({ type: 'chat_response', request_id: message.request_id, content });
}
