import type net from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import type { Channel, ChannelSink, Dial, Target, Transport } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { parseFrame } from '../../protocol/frame-codec.js';
import { LineDecoder } from '../../protocol/ndjson.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';
import { socketOpener } from '../socket/open-socket.js';
import { readInTurns } from '../socket/read-in-turns.js';
import type { SocketAddress } from '../socket/socket-address.js';
import { parseAddress } from './address.js';
import { SocketChannel } from './socket-channel.js';

/**
 * One JSON object a line, over TCP, TLS and unix sockets.
 *
 * @see `docs/transports/tcp.md`
 */
export const tcpTransport: Transport = {
  prepare(target: Target): Dial {
    const address = parseAddress(target.url, target.ci);
    const open = socketOpener(address, target.tls, target.ci);
    return (sink) => new Observable((subscriber) => link(open(), address.wire, target, sink, subscriber));
  },
};

/** The event by which a socket says that it is up: for TLS, that the certificates were checked, too. */
const upEvents = { tcp: 'connect', unix: 'connect', tls: 'secureConnect' } as const;

function link(
  socket: net.Socket,
  wire: SocketAddress['wire'],
  target: Target,
  sink: ChannelSink,
  subscriber: Subscriber<Channel>,
): () => void {
  const channel = new SocketChannel(socket);
  const decoder = new LineDecoder(target.maxReplyBytes);
  let phase: SocketPhase = 'dialling';
  const onLine = (line: string): void => {
    if (!subscriber.closed) sink.frame(parseFrame(line));
  };

  socket.once(upEvents[wire], () => {
    if (isOwnEcho(socket)) return subscriber.error(itself(target.ci));
    phase = 'linked';
    subscriber.next(channel);
  });
  readInTurns(socket, wire, (bytes) => {
    if (subscriber.closed) return;
    sink.alive();
    try {
      decoder.push(bytes, onLine);
    } catch (error) {
      // A fault in the bytes is a ChoragusError; anything else is a bug, and crashes the actor that owns this link.
      subscriber.error(error instanceof ChoragusError ? error.with({ ci: target.ci }) : error);
    }
  });
  socket.on('drain', () => {
    channel.drained();
    if (channel.isWritable) sink.drained();
  });
  const failed = (errorOf: () => ChoragusError): void => {
    // After our own closing there is nobody to tell, and an error costs its stack.
    if (!subscriber.closed) subscriber.error(errorOf());
  };
  socket.on('end', () => failed(() => endOf(decoder, phase, target.ci)));
  socket.on('error', (error) => failed(() => fromNodeError(error, phase, target.ci)));
  socket.on('close', () => failed(() => endOf(decoder, phase, target.ci)));

  return () => {
    // The listeners stay, guarded by the closed subscriber: a late 'error' without a listener would end the process.
    socket.destroy();
  };
}

/**
 * Whether a dial met itself. Where nothing listens on a port of the ephemeral range, the system may give the dial that
 * very port, and TCP's simultaneous open links it to itself: it would be answered with its own questions.
 *
 * @see RFC 9293, section 3.5, "simultaneous open"
 */
function isOwnEcho({ localPort, remotePort, localAddress, remoteAddress }: net.Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

function itself(ci: string): ChoragusError {
  const message = 'cannot connect: nothing listens there (the dial met itself)';
  return new ChoragusError('unavailable', message, { ci, delivery: 'not_sent', phase: 'connect' });
}

function endOf(decoder: LineDecoder, phase: SocketPhase, ci: string): ChoragusError {
  if (phase === 'dialling') {
    const message = 'cannot connect: the peer closed the connection';
    return new ChoragusError('unavailable', message, { ci, delivery: 'not_sent', phase: 'connect' });
  }
  const cut = decoder.hasPartialLine ? ' in the middle of a line' : '';
  return new ChoragusError('connection_lost', `the connection was lost: the peer closed it${cut}`, { ci });
}
