import type { RequestScript, Script } from '../scripted-ci.js';

/** Reads requests and answers none. */
export function hangs(): RequestScript {
  return () => {};
}

/** Closes every connection as soon as it is accepted. */
export function closesAfterAccept(): Script {
  return { onConnection: (connection) => connection.close() };
}

/** Freezes at a connection's first request: the socket stays open, but nothing more is read or said. */
export function halfOpen(): RequestScript {
  return (request) => request.connection.pause();
}
