import { wrongArgument } from '../../errors/index.js';
import type { RequestScript } from '../scripted-ci.js';
import type { ScriptedRequest } from '../scripted-request.js';

/** About the longest text that V8 can hold. */
const MOST_BYTES = 2 ** 29 - 1_024;

/** Answers with half a reply, and resets the connection. */
export function resets(): RequestScript {
  return (request) => {
    const { connection } = request;
    const half = halfOf(request);
    // A client that finds bytes and reset at once takes it for an ordinary end: so it gets a turn to read them in.
    void connection.sendSplit(half, half.length).then(() => connection.reset());
  };
}

/** Answers with half a reply, and closes the connection (FIN). */
export function cutOff(): RequestScript {
  return (request) => {
    request.replyText(halfOf(request));
    request.connection.close();
  };
}

/** Answers with a line that is not JSON. */
export function garbage(): RequestScript {
  return (request) => request.replyText('%! this is no JSON\n');
}

/** Answers with a line that is JSON but not an object. */
export function notAnObject(): RequestScript {
  return (request) => request.replyText('[1,2]\n');
}

/** Answers with a reply whose line is `bytes` long, its end not counted. */
export function oversize(bytes: number): RequestScript {
  if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= MOST_BYTES)) {
    throw wrongArgument('oversize', 'bytes', bytes, `a whole number from 0 to ${MOST_BYTES}`);
  }
  return (request) => {
    const padding = Math.max(bytes - Buffer.byteLength(lineOf(request, '')), 0);
    request.replyText(`${lineOf(request, 'x'.repeat(padding))}\n`);
  };
}

/** Answers rightly, but each byte comes in a packet of its own, characters cut in two included. */
export function splitBytes(): RequestScript {
  return (request) => {
    void request.connection.sendSplit(`${lineOf(request, 'Grüße, 世界 🎭')}\n`, 1);
  };
}

/** Begins a reply and goes on with it byte by byte, without end: the peer is alive, and never done. */
export function slowLoris(): RequestScript {
  return (request) => {
    void dribble(request);
  };
}

async function dribble(request: ScriptedRequest): Promise<void> {
  const { connection } = request;
  const line = lineOf(request, '');
  await connection.sendSlowly(line.slice(0, line.lastIndexOf('"')));
  while (connection.isOpen) await connection.sendSlowly('z');
}

function lineOf({ message }: ScriptedRequest, content: string): string {
  return JSON.stringify({ type: 'chat_response', request_id: message.request_id, content });
}

function halfOf(request: ScriptedRequest): string {
  const line = lineOf(request, 'cut');
  return line.slice(0, Math.ceil(line.length / 2));
}
