import { type ChoragusError, cannotConnect, connectionLost, notOfWire, replyTooLarge } from '../../errors/index.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';

/** What the close codes say (RFC 6455, section 7.4.1, and the registry of IANA). A peer's own text may hold content. */
const meanings: Readonly<Record<number, string>> = {
  1000: 'the peer closed it',
  1001: 'the peer is going away',
  1002: 'the peer found fault with the protocol',
  1003: 'the peer does not take such messages',
  1005: 'the peer closed it',
  1006: 'the peer closed it',
  1007: 'the peer does not take such text',
  1008: 'the peer does not allow it',
  1009: 'the peer does not take a message so large',
  1010: 'the peer lacks an extension',
  1011: 'the peer failed',
  1012: 'the peer restarts',
  1013: 'the peer has too much to do',
  1014: 'the peer is a gateway, and had no answer',
};

/** No code came, or none can: these are said by our own end. */
const UNSAID = [1005, 1006];

/** A close → ours. What was outstanding is `maybe_sent`: no code says which requests had been read. */
export function fromClose(code: number, phase: SocketPhase, ci: string): ChoragusError {
  const what = meanings[code] ?? 'the peer closed it';
  const why = UNSAID.includes(code) ? what : `${what} (${code})`;
  return phase === 'linked' ? connectionLost(why, { ci }) : cannotConnect(why, { ci });
}

/** The server answered the handshake with something else than a WebSocket. */
export function fromStatus(status: number | undefined, ci: string): ChoragusError {
  return cannotConnect(`the server answered with status ${status} in place of a WebSocket`, { ci });
}

/** What `ws` and Node throw → ours. */
export function fromWebSocketError(error: Error, phase: SocketPhase, maxReplyBytes: number, ci: string): ChoragusError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return replyTooLarge('a message', maxReplyBytes, 'bytes').with({ ci });
  }
  if (code.startsWith('WS_ERR_')) return notOfWire('a WebSocket frame', code, ci, error);
  if (code === '' && phase === 'dialling') return cannotConnect('the WebSocket handshake failed', { ci, cause: error });
  return fromNodeError(error, phase, ci);
}
