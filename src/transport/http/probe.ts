import type net from 'node:net';
import type { Dispatcher } from 'undici';
import type { ChoragusError } from '../../errors/index.js';
import { errorInBody } from './error-words.js';
import { fromHttpError, fromProbe } from './http-error.js';
import type { Origin } from './origin.js';
import type { Head } from './response-head.js';

/** The most that is read of a probe's answer, in bytes: a list of models can be long. */
const MOST_PROBE_BYTES = 1_024;

/**
 * Returns whether a status means that the server is up. It is, even if it does not know the path or wants another key.
 */
function isThere(status: number): boolean {
  return status < 500 || status === 501;
}

/**
 * Checks that the server is up, on a socket that is closed afterwards. Calls `done` once, with the problem, if there is
 * one. Returns a function that cancels.
 */
export function probe(
  origin: Origin,
  socket: net.Socket,
  path: string,
  done: (problem: ChoragusError | undefined) => void,
): () => void {
  const { ci } = origin;
  const pieces: Buffer[] = [];
  let status = 0;
  let headers: Head['headers'] = {};
  const handler: Omit<Answering, 'method'> = {
    onHead: (head) => {
      ({ status, headers } = head);
    },
    onBytes: (bytes) => {
      pieces.push(Buffer.from(bytes));
      return pieces.reduce((sum, { length }) => sum + length, 0) >= MOST_PROBE_BYTES;
    },
    onOver: (error) => {
      if (status === 0) return done(fromHttpError(error, 'dialling', ci));
      const said = isThere(status) ? undefined : errorInBody(Buffer.concat(pieces));
      done(isThere(status) ? undefined : fromProbe({ status, headers }, said).with({ ci }));
    },
  };
  return askOnce(origin, socket, path, { method: 'GET', ...handler });
}

/**
 * Asks for a sign of life on its own socket, so that no request in flight can delay it: a connect, and the head of an
 * answer. Calls `done` once, with an error if the server cannot be reached.
 */
export function signOfLife(origin: Origin, done: (error: unknown) => void): () => void {
  const { lifePath } = origin;
  let cancel = origin.open((error, socket) => {
    if (socket === undefined) return done(error);
    if (lifePath === undefined) {
      socket.destroy();
      return done(undefined);
    }
    // Any answer is a sign of life, even if the server does not know the method.
    cancel = askOnce(origin, socket, lifePath, {
      method: 'HEAD',
      onHead: () => {},
      onBytes: () => true,
      onOver: () => done(undefined),
    });
  });
  return () => cancel();
}

interface Answering {
  readonly method: 'GET' | 'HEAD';
  onHead(head: Head): void;
  /** Returns whether enough has arrived. */
  onBytes(bytes: Buffer): boolean;
  /** Called once: when all has arrived, or enough, or with an error. */
  onOver(error: unknown): void;
}

function askOnce(origin: Origin, socket: net.Socket, path: string, answering: Answering): () => void {
  const { method } = answering;
  let isOver = false;
  const asked = origin.speakOn(socket, (fail) => {
    fail(new Error('the socket was closed'));
    return () => {};
  });
  const over = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    asked.destroy();
    answering.onOver(error);
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: (_controller, status, headers) => {
      if (status < 200 || isOver) return;
      answering.onHead({ status, headers });
      if (method === 'HEAD') over(undefined);
    },
    onResponseData: (_controller, bytes) => {
      if (!isOver && answering.onBytes(bytes)) over(undefined);
    },
    onResponseEnd: () => over(undefined),
    onResponseError: (_controller, error) => over(error),
  };
  asked.ask({ method, path, headers: { ...origin.headers } }, handler);
  return () => {
    isOver = true;
    asked.destroy();
  };
}
