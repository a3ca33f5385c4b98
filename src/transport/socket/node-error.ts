import { type ChoragusError, cannotConnect, connectionLost } from '../../errors/index.js';

/** When a socket failed: before the link was up, or after. */
export type SocketPhase = 'dialling' | 'linked';

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the peer reset the connection',
  EPIPE: 'the peer had closed the connection',
  ETIMEDOUT: 'the network gave no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up just now',
  EACCES: 'the system does not allow it',
  EMFILE: 'this process has too many open files',
  ENFILE: 'the system has too many open files',
  ENOENT: 'there is no such socket file',
  EADDRNOTAVAIL: 'no free local port, or no such local address',
};

/** Converts errors of Node and OpenSSL to a `ChoragusError`. Certificate errors keep their code in the message. */
export function fromNodeError(error: unknown, phase: SocketPhase, ci: string): ChoragusError {
  const errno = errnoOf(error);
  // Node attaches the peer's whole certificate to some errors, and errors are logged.
  if (error instanceof Error && 'cert' in error) delete error.cert;
  const meaning =
    meanings[errno] ??
    (/CERT|TLS|SSL|SIGNED|ISSUER|VERIFY|INVALID_CA|PURPOSE|PATH_LENGTH|CRL|HOSTNAME/.test(errno)
      ? 'TLS was refused'
      : 'the socket failed');
  const fail = phase === 'dialling' ? cannotConnect : connectionLost;
  return fail(`${meaning} (${errno})`, { ci, cause: error });
}

/** Returns the code of an error. If all addresses of a host failed (Happy Eyeballs), returns that of the first. */
function errnoOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errnoOf(error.errors[0]);
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
