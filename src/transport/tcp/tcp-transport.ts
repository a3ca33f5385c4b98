import type net from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import type { Channel, ChannelSink, Dial, Target, Transport } from '../../contract/index.js';
import { ChoragusError, cannotConnect, closedByPeer, invalidCi, ownEcho } from '../../errors/index.js';
import { handLine } from '../../protocol/hand-line.js';
import { LineDecoder } from '../../protocol/ndjson.js';
import { checkTarget } from '../socket/check-target.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';
import { isOwnEcho, type SocketAddress, socketOpener, upEvents } from '../socket/open-socket.js';
import { readInTurns } from '../socket/read-in-turns.js';
import { parseAddress } from './address.js';
import { SocketChannel } from './socket-channel.js';

/**
 * Sends one JSON object a line over TCP, TLS and unix sockets.
 *
 * @see `docs/transports/tcp.md`
 */
export const tcpTransport: Transport = {
  prepare(target: Target): Dial {
    checkTarget('tcpTransport', target);
    const address = parseAddress(target.url, target.ci);
    for (const name of ['headers', 'apiKey'] as const) {
      if (target[name] !== undefined) throw withoutHeaders(target.ci, name);
    }
    const open = socketOpener(address, target);
    return (sink) => new Observable((subscriber) => link(open(), address.wire, target, sink, subscriber));
  },
};

function link(
  socket: net.Socket,
  wire: SocketAddress['wire'],
  target: Target,
  sink: ChannelSink,
  subscriber: Subscriber<Channel>,
): () => void {
  const channel = new SocketChannel(socket, () => {
    if (!subscriber.closed) sink.drained();
  });
  const decoder = new LineDecoder(target.maxReplyBytes);
  let phase: SocketPhase = 'dialling';
  const onLine = (line: string): void => {
    if (!subscriber.closed) handLine(sink, line);
  };

  socket.once(upEvents[wire], () => {
    if (isOwnEcho(socket)) return subscriber.error(ownEcho(target.ci));
    phase = 'linked';
    subscriber.next(channel);
  });
  const decode = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      // A fault in the bytes is a ChoragusError. Any other error is a bug, and crashes the actor that owns this link.
      subscriber.error(error instanceof ChoragusError ? error.with({ ci: target.ci }) : error);
    }
  };
  readInTurns(socket, wire, (bytes) => {
    if (subscriber.closed) return;
    sink.alive();
    decode(() => decoder.push(bytes, onLine));
  });
  socket.on('drain', () => channel.drained());
  const failed = (errorOf: () => ChoragusError): void => {
    // After the pool's own close nothing listens, and creating an error costs its stack.
    if (!subscriber.closed) subscriber.error(errorOf());
  };
  socket.on('end', () => {
    if (subscriber.closed) return;
    const isCut = decoder.endWhole((line) => decode(() => onLine(line)));
    if (!isCut && !subscriber.closed) sink.ended();
    failed(() => endOf(isCut, phase, target.ci));
  });
  socket.on('error', (error) => failed(() => fromNodeError(error, phase, target.ci)));
  socket.on('close', () => failed(() => endOf(decoder.hasPartialLine, phase, target.ci)));

  return () => {
    channel.close();
    // The listeners stay: a late 'error' without a listener would end the process. The closed subscriber ignores their
    // calls.
    socket.destroy();
  };
}

function endOf(isCut: boolean, phase: SocketPhase, ci: string): ChoragusError {
  if (phase === 'dialling') return cannotConnect('the peer closed the connection', { ci });
  return closedByPeer(isCut ? 'in the middle of a line' : undefined, { ci });
}

function withoutHeaders(ci: string, option: string): ChoragusError {
  return invalidCi(ci, `${option} is an option of WebSocket and of model servers; a line protocol has no headers`);
}
