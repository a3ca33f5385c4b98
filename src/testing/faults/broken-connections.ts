import type { RequestScript, Script } from '../scripted-ci.js';
import type { ScriptedRequest } from '../scripted-connection.js';
import { replyLine } from './wrong-answers.js';

/** Reads requests and answers none. */
export function hangs(): RequestScript {
  return () => {};
}

/** Closes every connection as soon as it is accepted. */
export function closesAfterAccept(): Script {
  return { onConnection: (connection) => connection.close() };
}

/** Freezes at a connection's first request: the socket stays open, but the CI reads and sends nothing more. */
export function halfOpen(): RequestScript {
  return (request) => request.connection.pause();
}

/** Answers with half a reply, and resets the connection (RST). */
export function resets(): RequestScript {
  return (request) => {
    const { connection } = request;
    const half = halfOf(request);
    // A client that receives bytes and reset together sees an ordinary end. So it gets one turn to read the bytes.
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

/** Sends a reply byte by byte, without end: the peer is alive, but never finishes. */
export function slowLoris(): RequestScript {
  return (request) => {
    void dribble(request);
  };
}

async function dribble(request: ScriptedRequest): Promise<void> {
  const { connection } = request;
  const line = replyLine(request, '');
  await connection.sendSlowly(line.slice(0, line.lastIndexOf('"')));
  while (connection.isOpen) await connection.sendSlowly('z');
}

function halfOf(request: ScriptedRequest): string {
  const line = replyLine(request, 'cut');
  return line.slice(0, Math.ceil(line.length / 2));
}
