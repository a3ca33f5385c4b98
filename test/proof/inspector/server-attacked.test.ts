import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { startForeignInspector } from '../../../src/inspector/index.js';
import { ask, bearer, tokenOf, useInspectors, watch } from '../../support/inspectors.js';

const { pool, inspect, onEnd } = useInspectors();

/** Sends exactly this to a port. Returns the answer once the other end closes. */
function say(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (piece) => {
      answer += String(piece);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

/** A complete request for a target, unchanged. */
function requestOf(url: string, target: string, ...headers: string[]): string {
  return [`GET ${target} HTTP/1.1`, `Host: ${new URL(url).host}`, ...headers, '', ''].join('\r\n');
}

const noAddresses = ['//', '//@', 'http://[', '//:x'];

describe('a request for a bad address', () => {
  test.each(noAddresses)('%s gets an error, and nothing else happens', async (target) => {
    const { url } = await inspect(await pool());
    expect(await say(url, requestOf(url, target, 'Connection: close'))).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(url, '/api/cis.csv', { headers: bearer(url) })).status).toBe(200);
  });

  test.each(noAddresses)('%s, for a WebSocket, closes the connection', async (target) => {
    const inspector = await startForeignInspector();
    onEnd(() => inspector.close());
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    expect(await say(inspector.url, requestOf(inspector.url, target, ...upgrade))).toBe('');
    expect((await ask(inspector.url, '/api/machines.json', { headers: bearer(inspector.url) })).status).toBe(200);
  });

  test('a client that closes during a refused WebSocket handshake does no harm', async () => {
    const inspector = await startForeignInspector();
    onEnd(() => inspector.close());
    const { hostname, port } = new URL(inspector.url);
    const text = requestOf(
      inspector.url,
      '/',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Origin: http://evil.example',
    );
    for (let count = 0; count < 50; count += 1) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(Number(port), hostname, () => {
          socket.write(text, () => socket.resetAndDestroy());
        });
        socket.on('close', () => resolve());
        socket.on('error', () => {});
      });
    }
    expect((await ask(inspector.url, '/api/machines.json', { headers: bearer(inspector.url) })).status).toBe(200);
  });

  test('a WebSocket to a pool is closed', async () => {
    const { url } = await inspect(await pool());
    expect(await say(url, requestOf(url, '/', 'Connection: Upgrade', 'Upgrade: websocket'))).toBe('');
  });
});

test('an endless request is closed', async () => {
  const { url } = await inspect(await pool());
  expect(await say(url, 'GET / HTTP/1.1\r\nHost: 127')).toMatch(/^HTTP\/1\.1 408 /);
}, 30_000);

test('watchers behind another request of the same connection are refused: their end could not be detected', async () => {
  const { url } = await inspect(await pool());
  const { hostname, port } = new URL(url);
  const authorization = `Authorization: Bearer ${tokenOf(url)}`;
  const socket = net.connect(Number(port), hostname);
  socket.write(requestOf(url, '/api/events', authorization).repeat(100));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  const watching = await Promise.all(Array.from({ length: 99 }, () => watch(url)));
  for (const one of watching) one.leave();
});

describe('a download', () => {
  test('gives a slow reader everything, and leaves no listeners behind', async () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `${'c'.repeat(100)}-${index}`);
    const { url } = await inspect(await pool(names));
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    onEnd(async () => process.off('warning', note));
    const { text, status } = await readSlowly(url, '/api/snapshot.json');
    expect(status).toBe(200);
    const { cis } = JSON.parse(text) as { cis: { ci: string }[] };
    expect(cis.map(({ ci }) => ci)).toEqual(names);
    expect(warnings).toEqual([]);
  }, 30_000);

  test('does no harm when the reader leaves', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `${'c'.repeat(100)}-${index}`);
    const { url } = await inspect(await pool(names));
    const { hostname, port } = new URL(url);
    for (let count = 0; count < 20; count += 1) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(Number(port), hostname);
        socket.write(requestOf(url, '/api/snapshot.json', `Authorization: Bearer ${tokenOf(url)}`));
        socket.once('data', () => socket.resetAndDestroy());
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    expect((await ask(url, '/api/incidents.json', { headers: bearer(url) })).status).toBe(200);
  });
});

/** Reads a piece, waits, reads the next. */
function readSlowly(url: string, path: string): Promise<{ text: string; status: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const socket = net.connect({ port: Number(port), host: hostname });
    socket.write(requestOf(url, path, `Authorization: Bearer ${tokenOf(url)}`, 'Connection: close'));
    socket.on('data', (piece) => {
      pieces.push(piece);
      socket.pause();
      void sleep(2).then(() => socket.resume());
    });
    socket.on('close', () => resolve(unchunked(Buffer.concat(pieces))));
  });
}

/** Returns the body of an answer sent in chunks: see RFC 9112. */
function unchunked(answer: Buffer): { text: string; status: number } {
  const head = answer.subarray(0, answer.indexOf('\r\n\r\n')).toString();
  let rest = answer.subarray(head.length + 4);
  let text = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!(length > 0)) break;
    text += rest.subarray(end + 2, end + 2 + length).toString();
    rest = rest.subarray(end + 4 + length);
  }
  return { text, status: Number(head.split(' ')[1]) };
}

const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describe('on all addresses', () => {
  test('the URL can be opened', async () => {
    const { url } = await inspect(await pool(), { host: '0.0.0.0' });
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect((await ask(url, `/?token=${tokenOf(url)}`)).status).toBe(303);
  });

  test.skipIf(outside === undefined)('the address of the request is a valid name, and no other', async () => {
    const { url } = await inspect(await pool(), { host: '0.0.0.0' });
    const { port } = new URL(url);
    const there = `http://${outside}:${port}`;
    expect((await ask(there, '/api/cis.csv', { headers: bearer(url) })).status).toBe(200);
    for (const [headers, status] of [
      [{ origin: there }, 200],
      [{ origin: 'http://evil.example' }, 403],
      [{ host: `evil.example:${port}` }, 421],
      [{ host: `192.0.2.77:${port}` }, 421],
    ] as const) {
      expect((await ask(there, '/api/cis.csv', { headers: { ...bearer(url), ...headers } })).status).toBe(status);
    }
  });
});

test('a failed accept does not end the process', async () => {
  const listening = vi.spyOn(net.Server.prototype, 'listen');
  onEnd(async () => listening.mockRestore());
  const watched = await pool();
  listening.mockClear();
  const { url } = await inspect(watched);
  const server = listening.mock.contexts[0] as net.Server;
  expect(server.emit('error', new Error('accept EMFILE'))).toBe(true);
  expect((await ask(url, '/', { headers: bearer(url) })).status).toBe(200);
});

test('reports a taken port', async () => {
  const watched = await pool();
  const { url } = await inspect(watched);
  await expect(inspect(watched, { port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE');
});
