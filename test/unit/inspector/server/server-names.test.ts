import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isFromThisMachine, ServerNames } from '../../../../src/inspector/server/server-names.js';

const request = (headers: object, socket: object = { localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' }) =>
  ({ headers, socket }) as IncomingMessage;

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.8.8.8', true],
  ['::1', '::1', true],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.1', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['::ffff:192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['192.0.2.7', '::ffff:192.0.2.8', false],
  // A client that has left has no address.
  [undefined, undefined, false],
])('at %s, %s is an address of this machine: %s', (localAddress, remoteAddress, is) => {
  expect(isFromThisMachine(request({}, { localAddress, remoteAddress }))).toBe(is);
});

describe('a request came over TLS', () => {
  const names = new ServerNames({ host: '127.0.0.1', port: 9_000, allowedHosts: ['box.example'] });

  test.each([
    ['box.example', { origin: 'https://box.example' }, true],
    ['box.example', { 'x-forwarded-proto': 'https' }, true],
    ['box.example', { 'x-forwarded-proto': 'HTTPS, http' }, true],
    ['box.example', { 'x-forwarded-proto': 'http, https' }, false],
    ['box.example', { origin: 'http://box.example' }, false],
    ['box.example', {}, false],
    // Without a proxy there is no TLS. A `Secure` cookie would be lost.
    ['localhost:9000', { 'x-forwarded-proto': 'https' }, false],
  ])('%s with %j: %s', (host, headers, is) => {
    expect(names.cameOverTls(request({ host, ...headers }))).toBe(is);
  });
});
