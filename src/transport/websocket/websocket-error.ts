import { type ChoragusError, cannotConnect, connectionLost, notOfWire, replyTooLarge } from '../../errors/index.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';

/**
 * The meanings of close codes (RFC 6455, section 7.4.1, and IANA's registry). The peer's own text is not used: it may
 * be content.
 */
const meanings: Readonly<Record<number, string>> = {
  1000: 'the peer closed it',
  1001: 'the peer is shutting down',
  1002: 'the peer reported a protocol error',
  1003: 'the peer does not accept this kind of message',
  1005: 'the peer closed it',
  1006: 'the peer closed it',
  1007: 'the peer does not accept this text',
  1008: 'the peer does not allow it',
  1009: 'the peer does not accept a message of this size',
  1010: 'the peer lacks a required extension',
  1011: 'the peer failed',
  1012: 'the peer is restarting',
  1013: 'the peer is overloaded',
  1014: 'the peer is a gateway, and its server gave no answer',
};

/** Codes that are never sent: the local end reports them. */
const UNSAID = [1005, 1006];

/** Converts a close to a `ChoragusError`. Requests in flight are `maybe_sent`: no code says which of them were read. */
export function fromClose(code: number, phase: SocketPhase, ci: string): ChoragusError {
  const what = meanings[code] ?? 'the peer closed it';
  const why = UNSAID.includes(code) ? what : `${what} (${code})`;
  return phase === 'linked' ? connectionLost(why, { ci }) : cannotConnect(why, { ci });
}

/** Returns the error for a handshake that the server answered with another status. */
export function fromStatus(status: number | undefined, ci: string): ChoragusError {
  return cannotConnect(`the server answered with status ${status} instead of opening a WebSocket`, { ci });
}

/** Converts an exception of `ws` or Node to a `ChoragusError`. */
export function fromWebSocketError(error: Error, phase: SocketPhase, maxReplyBytes: number, ci: string): ChoragusError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return replyTooLarge('a message', maxReplyBytes, 'bytes').with({ ci });
  }
  if (code.startsWith('WS_ERR_')) return notOfWire('a WebSocket frame', code, ci, error);
  if (code === '' && phase === 'dialling') return cannotConnect('the WebSocket handshake failed', { ci, cause: error });
  return fromNodeError(error, phase, ci);
}
