import { describe, expect, test } from 'vitest';
import type { TlsOptions } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { tcpTransport } from '../../../src/transport/tcp/tcp-transport.js';
import { certificates } from '../../support/certificates.js';
import { tcpWire, tlsWire } from './socket-wire.js';
import { linked, settle, WireUser } from './wire-user.js';

const { ca, client, server } = certificates;
/** A server that requests a client certificate. */
const strictServer = { ...server, ca, requestCert: true, rejectUnauthorized: true };

/** Dials with these settings. Returns the result. */
async function failureOf(options: TlsOptions, host?: string): Promise<ChoragusError> {
  await using wire = await tlsWire(options, server, host);
  using user = new WireUser(wire);
  const error = await user.ended();
  expect(user.log).toHaveLength(1);
  expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect', ci: 'apollo' });
  return error as ChoragusError;
}

describe('the certificate of the peer', () => {
  test.each(['127.0.0.1', 'localhost'])('is valid for %s', async (host) => {
    await using wire = await tlsWire({ ca }, server, host);
    using user = await linked(wire);
    expect(user.log).toEqual(['up']);
  });

  test.each([
    ['text', ca],
    ['bytes', Buffer.from(ca)],
    ['a list', [ca, Buffer.from(ca)]],
  ])('is checked against an authority given as %s', async (_form, authority) => {
    await using wire = await tlsWire({ ca: authority });
    using user = await linked(wire);
    expect(user.log).toEqual(['up']);
  });

  test('must be signed by a known authority', async () => {
    expect((await failureOf({})).message).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('must be for the dialled host', async () => {
    expect((await failureOf({ ca, servername: 'example.org' })).message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is not checked if the check is switched off', async () => {
    await using wire = await tlsWire({ rejectUnauthorized: false });
    using user = await linked(wire);
    expect(user.log).toEqual(['up']);
  });

  test('rejectUnauthorized: undefined does not switch the check off', async () => {
    await failureOf({ rejectUnauthorized: undefined });
  });
});

describe('the certificate of the client', () => {
  test('is sent to a server that requests it', async () => {
    await using wire = await tlsWire({ ca, ...client }, strictServer);
    using user = await linked(wire);
    const { peer } = user;
    user.send('{"n":1}');
    expect(await peer.received(1)).toEqual(['{"n":1}']);
  });

  test('a server that requests one refuses a client without', async () => {
    await using wire = await tlsWire({ ca }, strictServer);
    using user = new WireUser(wire);
    // TLS 1.3 reports the client's link as up before the server has checked the client's certificate.
    expect(await user.ended()).toBeInstanceOf(ChoragusError);
    expect(wire.peers).toEqual([]);
  });

  test.each<[string, TlsOptions]>([
    ['certificate', { cert: 'nonsense', key: client.key }],
    ['key', { cert: client.cert, key: 'nonsense' }],
    ['pair: they do not belong together', { cert: client.cert, key: server.key }],
  ])('that cannot be read is rejected by prepare(), and not shown: %s', (_what, tls) => {
    const target = { ci: 'apollo', url: 'tls://localhost:45005', maxReplyBytes: 1_000, tls };
    const refusal = { code: 'invalid_config', delivery: 'not_sent', ci: 'apollo' };
    expect(() => tcpTransport.prepare(target)).toThrow(expect.objectContaining(refusal));
    expect(() => tcpTransport.prepare(target)).not.toThrow(/nonsense|BEGIN/);
  });
});

describe('the handshake', () => {
  test('a peer that never answers it: nothing is reported, and unsubscribing closes the socket', async () => {
    await using silent = await tcpWire();
    const user = new WireUser({ ...silent, address: { url: silent.address.url.replace('tcp', 'tls'), tls: { ca } } });
    const peer = await silent.peer(0);
    await settle();
    expect(user.log).toEqual([]);
    user.link.unsubscribe();
    await peer.closed;
    expect(user.log).toEqual([]);
  });

  test.each([
    ['closes', 'close'],
    ['resets', 'fail'],
  ] as const)('a peer that %s it: unavailable, since nothing was sent', async (_how, end) => {
    await using wire = await tcpWire();
    using user = new WireUser({ ...wire, address: { url: wire.address.url.replace('tcp', 'tls'), tls: { ca } } });
    (await wire.peer(0))[end]();
    expect(await user.ended()).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect' });
    await settle();
    expect(user.log).toHaveLength(1);
  });

  test('a peer that does not speak TLS: unavailable', async () => {
    await using wire = await tcpWire();
    using user = new WireUser({ ...wire, address: { url: wire.address.url.replace('tcp', 'tls'), tls: { ca } } });
    (await wire.peer(0)).send('{"type":"pong"}\n');
    expect(await user.ended()).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect' });
    expect(user.log).toHaveLength(1);
  });
});
