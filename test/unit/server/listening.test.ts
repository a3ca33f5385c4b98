import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ServeCiOptions, serveCi } from '../../../src/server/index.js';
import { certificates } from '../../support/certificates.js';
import { expectNoLeaks } from '../../support/leaks.js';
import { connectTo } from '../../support/wire-client.js';

const base: ServeCiOptions = { id: 'apollo', handler: ({ content }) => content };
const { ca, client: clientCertificate, server: serverCertificate } = certificates;

async function exchanges(url: string, options = {}): Promise<void> {
  const client = await connectTo(url, options);
  client.send({ type: 'chat', content: 'hello' });
  expect((await client.next()).content).toBe('hello');
  await client.close();
}

test('tcp: uses a free port of the loopback by default', async () => {
  await using server = await serveCi(base);
  expect(server.url).toBe(`tcp://127.0.0.1:${server.port}`);
  expect(server.port).toBeGreaterThan(0);
  await exchanges(server.url);
});

test('tcp: an address that means all interfaces gets a URL that can be dialled', async () => {
  await using server = await serveCi({ ...base, listen: { host: '0.0.0.0' } });
  expect(server.url).toBe(`tcp://127.0.0.1:${server.port}`);
  await exchanges(server.url);
});

test('tcp: a taken port is refused', async () => {
  await using server = await serveCi(base);
  const again = serveCi({ ...base, listen: { port: server.port } });
  await expect(again).rejects.toMatchObject({
    code: 'unavailable',
    delivery: 'not_sent',
    cause: { code: 'EADDRINUSE' },
  });
});

test('unix: serves on a socket file, and removes it', async () => {
  const settled = expectNoLeaks();
  const folder = mkdtempSync(join(tmpdir(), 'choragus-'));
  try {
    const path = join(folder, 'ci.sock');
    for (let round = 0; round < 2; round += 1) {
      const server = await serveCi({ ...base, listen: { path } });
      expect(server.url).toBe(`unix:${path}`);
      expect(server.port).toBe(0);
      await exchanges(server.url);
      await server.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  await settled();
});

test('unix: a line over the limit ends the connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'choragus-'));
  try {
    await using server = await serveCi({ ...base, maxLineBytes: 10, listen: { path: join(folder, 'ci.sock') } });
    const client = await connectTo(server.url);
    client.send('x'.repeat(100));
    await client.closed;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('tls', () => {
  test('serves clients that trust its certificate', async () => {
    const settled = expectNoLeaks();
    {
      await using server = await serveCi({ ...base, listen: { tls: serverCertificate } });
      expect(server.url).toBe(`tls://127.0.0.1:${server.port}`);
      await exchanges(server.url, { ca });
      await expect(connectTo(server.url)).rejects.toThrow(/certificate/);
    }
    await settled();
  });

  test('keeps a host name in the URL, so that the certificate fits it', async () => {
    await using server = await serveCi({ ...base, listen: { host: 'localhost', tls: serverCertificate } });
    expect(server.url).toBe(`tls://localhost:${server.port}`);
    await exchanges(server.url, { ca, servername: 'localhost' });
  });

  test('with client certificates, accepts only those of its own authority', async () => {
    await using server = await serveCi({ ...base, listen: { tls: { ...serverCertificate, ca, requestCert: true } } });
    await exchanges(server.url, { ca, ...clientCertificate });
    // With TLS 1.3 the client's link may be up before the server refuses it.
    const refused = await connectTo(server.url, { ca }).then(
      (client) => client.closed,
      () => 'refused',
    );
    expect(refused).toBeDefined();
    await expect(exchanges(server.url, { ca, ...clientCertificate })).resolves.toBeUndefined();
  });

  test('a line over the limit ends the connection', async () => {
    await using server = await serveCi({ ...base, maxLineBytes: 10, listen: { tls: serverCertificate } });
    const client = await connectTo(server.url, { ca });
    client.send('x'.repeat(100));
    await client.closed;
  });

  test('closing also ends a connection that never finished its handshake', async () => {
    const settled = expectNoLeaks();
    const server = await serveCi({ ...base, listen: { tls: serverCertificate } });
    const socket = net.connect({ port: server.port, host: '127.0.0.1' });
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    while (server.connections === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    await closed;
    await settled();
  });
});

test.each<[string, Partial<ServeCiOptions>]>([
  ['id', { id: '' }],
  ['handler', { handler: 'text' as never }],
  ['correlation', { correlation: 'polite' as never }],
  ['streaming', { streaming: 'yes' as never }],
  ['maxLineBytes', { maxLineBytes: 0 }],
  ['unix', { listen: { path: '/tmp/x.sock', port: 1 } }],
  ['certificate', { listen: { tls: { cert: 'no', key: 'no' } } }],
])('names a bad option (%s)', async (name, options) => {
  const refused = serveCi({ ...base, ...options });
  await expect(refused).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining(name) });
});
