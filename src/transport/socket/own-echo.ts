import type net from 'node:net';

/**
 * Whether a dial met itself. Where nothing listens on a port of the ephemeral range, the system may give the dial that
 * very port, and TCP's simultaneous open links it to itself: it would be answered with its own questions.
 *
 * @see RFC 9293, section 3.5, "simultaneous open"
 */
export function isOwnEcho({ localPort, remotePort, localAddress, remoteAddress }: net.Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
