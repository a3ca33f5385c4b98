import type net from 'node:net';
import { defer, Observable, type Subscriber, switchMap } from 'rxjs';
import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { check, headers, listOf, optionsOf } from '../../checks/index.js';
import type { Channel, ChannelSink, Dial, Target, Transport } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { wsPackage } from '../../node/optional-peer.js';
import { handLine } from '../../protocol/hand-line.js';
import { textOfMessage } from '../../protocol/ndjson.js';
import { checkTarget } from '../socket/check-target.js';
import type { SocketPhase } from '../socket/node-error.js';
import { socketOpener } from '../socket/open-socket.js';
import { readInTurns } from '../socket/read-in-turns.js';
import { joinHeaders } from '../socket/request-headers.js';
import { parseAddress } from './address.js';
import { WebSocketChannel } from './websocket-channel.js';
import { fromClose, fromStatus, fromWebSocketError } from './websocket-error.js';

/** A peer that does not answer the close within this time, in ms, is disconnected. */
const CLOSE_GRACE_MS = 1_000;
/** Close codes that are sent. */
const NORMAL = 1_000;
const PROTOCOL_ERROR = 1_002;
/** The code of a socket that broke without a close frame. */
const BROKEN = 1_006;

type Ws = typeof import('ws');

/** Configures {@link webSocketTransport}. */
export interface WebSocketOptions {
  /** Headers of the handshake, such as `authorization`. Never logged or shown. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Subprotocols to offer, the preferred one first. Default: none. */
  readonly protocols?: readonly string[] | undefined;
  /** If true, offers compression, which costs more time and memory than it saves on short messages. Default: false. */
  readonly perMessageDeflate?: boolean | undefined;
}

/** A token (RFC 9110, section 5.6.2): the only form that `ws` accepts. */
const protocol = v.message(v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/)), 'the name of a subprotocol');
const schema = optionsOf({
  headers: v.optional(headers),
  protocols: v.optional(listOf(protocol, 'a list of names'), []),
  perMessageDeflate: v.optional(v.boolean('true or false'), false),
});

/**
 * Sends one JSON object a message over WebSocket. `createPool` uses it for `ws:` and `wss:`; make your own to set its
 * options. Needs the package `ws`. TLS options are set for each CI.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option. The message holds no secret.
 *
 * @example
 * ```ts
 * const ws = webSocketTransport({ headers: { authorization: `Bearer ${token}` } });
 * const pool = createPool({ cis: { apollo: 'wss://ci.example/apollo' }, transports: { wss: ws } });
 * ```
 *
 * @see `docs/transports/websocket.md`
 */
export function webSocketTransport(given: WebSocketOptions = {}): Transport {
  const options = check(schema, given, { of: 'webSocketTransport', secrets: ['headers'] });
  return {
    prepare(target: Target): Dial {
      checkTarget('webSocketTransport', target);
      const { url, socket } = parseAddress(target.url, target.ci);
      const open = socketOpener(socket, target);
      // The CI's own headers take precedence over those of the transport.
      const joined = joinHeaders(target.ci, [options.headers, target.apiKey, target.headers]);
      const dial = ({ WebSocket }: Ws, sink: ChannelSink): Observable<Channel> =>
        new Observable((subscriber) => {
          let raw: net.Socket | undefined;
          const client = new WebSocket(url, [...options.protocols], {
            headers: joined,
            perMessageDeflate: options.perMessageDeflate,
            maxPayload: target.maxReplyBytes,
            createConnection: () => {
              raw = open();
              return raw;
            },
          });
          return link(client, () => raw as net.Socket, socket.wire, target, sink, subscriber);
        });
      return (sink) => {
        if (wsPackage.module !== undefined) return dial(wsPackage.module, sink);
        return defer(() => wsPackage.load(`CI "${target.ci}": WebSocket`)).pipe(switchMap((ws) => dial(ws, sink)));
      };
    },
  };
}

function link(
  ws: WebSocket,
  socketOf: () => net.Socket,
  wire: 'tcp' | 'tls',
  { ci, maxReplyBytes }: Target,
  sink: ChannelSink,
  subscriber: Subscriber<Channel>,
): () => void {
  const channel = new WebSocketChannel(ws, socketOf, () => {
    if (!subscriber.closed) sink.drained();
  });
  let phase: SocketPhase = 'dialling';
  const failed = (errorOf: () => ChoragusError): void => {
    // After the pool's own close nothing listens.
    if (!subscriber.closed) subscriber.error(errorOf());
  };

  ws.on('upgrade', () => {
    // Before `ws` reads: any bytes are a sign of life, even half of a message.
    readInTurns(socketOf(), wire, () => {
      if (phase === 'linked' && !subscriber.closed) sink.alive();
    });
  });
  ws.on('open', () => {
    if (subscriber.closed) return;
    phase = 'linked';
    subscriber.next(channel);
  });
  ws.on('message', (data: Buffer) => {
    const text = textOfMessage(data);
    if (subscriber.closed || text === '') return;
    try {
      handLine(sink, text);
    } catch (error) {
      ws.close(PROTOCOL_ERROR);
      // A fault in the message is a ChoragusError. Any other error is a bug, and crashes the actor that owns this link.
      subscriber.error(error instanceof ChoragusError ? error.with({ ci }) : error);
    }
  });
  ws.on('unexpected-response', (request, { statusCode }) => {
    failed(() => fromStatus(statusCode, ci));
    request.destroy();
  });
  ws.on('error', (error) => failed(() => fromWebSocketError(error, phase, maxReplyBytes, ci)));
  ws.on('close', (code) => {
    if (phase === 'linked' && code !== BROKEN && !subscriber.closed) sink.ended();
    failed(() => fromClose(code, phase, ci));
  });

  return () => {
    // The listeners stay: a late 'error' without a listener would end the process. The closed subscriber ignores their
    // calls.
    channel.close();
    leave(ws);
  };
}

/** Closes with a close frame if nothing waits to be written before it: abandoned requests must not be written. */
function leave(ws: WebSocket): void {
  if (ws.readyState === ws.CONNECTING || ws.bufferedAmount > 0) return ws.terminate();
  ws.close(NORMAL);
  const timer = setTimeout(() => ws.terminate(), CLOSE_GRACE_MS).unref();
  ws.once('close', () => clearTimeout(timer));
}
