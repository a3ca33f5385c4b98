import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createPool, webSocketTransport } from '../../../src/index.js';
import { parseAddress } from '../../../src/transport/websocket/address.js';
import { transportConformance } from './conformance.js';
import { wssWire, wsWire } from './websocket-wire.js';
import { linked, settle, WireUser } from './wire-user.js';

transportConformance('over WebSocket', wsWire);
transportConformance('over WebSocket and TLS', wssWire);

describe('addresses', () => {
  test.each([
    ['ws://ci.example/apollo?v=1', 'ws://ci.example/apollo?v=1', 'tcp', 'ci.example', 80],
    ['wss://ci.example', 'wss://ci.example/', 'tls', 'ci.example', 443],
    ['ws://[::1]:9000/', 'ws://[::1]:9000/', 'tcp', '::1', 9_000],
  ])('%s', (text, url, wire, host, port) => {
    expect(parseAddress(text, 'apollo')).toEqual({ url, socket: { wire, host, port } });
  });

  test.each([
    'ws://',
    'ws:ci.example',
    'ws://user:secret@ci.example/',
    'ws://ci.example/#part',
    'ws://ci.example:0/',
    'ws://ci.example:99999/',
    'http://ci.example/',
  ])('rejects %s, and does not show its secrets', (text) => {
    expect(() => parseAddress(text, 'apollo')).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('a message', () => {
  test('is a frame, as text or as bytes', async () => {
    await using wire = await wsWire();
    using user = await linked(wire);
    const { ws } = await wire.peer(0);
    ws.send('{"n":1}');
    ws.send(Buffer.from('{"n":"é"}'));
    ws.send('');
    ws.send(' {"n":3}\r\n');
    await user.until(() => user.frames.length === 3);
    expect(user.frames).toEqual([{ n: 1 }, { n: 'é' }, { n: 3 }]);
  });

  test('carries each request as one', async () => {
    await using wire = await wsWire();
    using user = await linked(wire);
    user.send('{"n":1}', '{"n":2}');
    expect(await (await wire.peer(0)).received(2)).toEqual(['{"n":1}', '{"n":2}']);
  });
});

describe('the heartbeat', () => {
  test('is a ping of WebSocket, answered by a pong, and a sign of life', async () => {
    await using wire = await wsWire();
    using user = await linked(wire);
    const peer = await wire.peer(0);
    user.channel.ping?.();
    await user.until(() => user.log.includes('alive'));
    expect([peer.pings, peer.lines, user.frames]).toEqual([1, [], []]);
  });

  test('keeps a connection of a pool; a CI that does not answer loses it', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    await once(server, 'listening');
    const pings: number[] = [];
    server.on('connection', (ws, _request) => {
      const number = pings.push(0) - 1;
      ws.on('ping', () => {
        pings[number] = (pings[number] as number) + 1;
        if (number > 0) ws.pong();
      });
    });
    const pool = createPool({
      cis: { apollo: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` },
      logger: false,
      healthIntervalMs: 20,
      heartbeatTimeoutMs: 50,
      reconnectDelayMs: 10,
    });
    const reasons: string[] = [];
    pool.states$.subscribe(({ to, reason }) => reasons.push(`${to} ${reason}`));
    await pool.warm();
    while ((pings[1] ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pool.snapshot().cis.apollo?.state).toBe('healthy');
    expect(reasons.some((text) => text.startsWith('degraded'))).toBe(true);
    await pool.close();
    for (const ws of server.clients) ws.terminate();
    server.close();
    await once(server, 'close');
  });
});

describe('a close', () => {
  test.each([
    [1000, /the peer closed it \(1000\)/],
    [1001, /is shutting down \(1001\)/],
    [1009, /does not accept a message of this size \(1009\)/],
    [1013, /is overloaded \(1013\)/],
    [4000, /the peer closed it \(4000\)/],
  ])("with %d gives the reason, but not the peer's own text", async (code, why) => {
    await using wire = await wsWire();
    using user = await linked(wire);
    (await wire.peer(0)).ws.close(code, 'a secret');
    expect(await user.ended()).toMatchObject({ code: 'connection_lost', delivery: 'maybe_sent' });
    expect(user.error?.message).toMatch(why);
    expect(user.error?.message).not.toContain('secret');
  });

  test('of ours is clean: 1000', async () => {
    await using wire = await wsWire();
    const user = await linked(wire);
    user.link.unsubscribe();
    const peer = await wire.peer(0);
    await peer.closed;
    expect(peer.code).toBe(1000);
  });

  test('of ours cuts the socket after a second if the peer does not answer', async () => {
    await using wire = await wsWire();
    const user = await linked(wire);
    const peer = await wire.peer(0);
    peer.ws.pause();
    user.link.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    peer.ws.resume();
    await peer.closed;
    expect(user.log).toEqual(['up']);
  });
});

describe('a handshake', () => {
  async function refusing(answer: (socket: net.Socket) => void) {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { url: `ws://127.0.0.1:${port}/`, close: () => server.close() };
  }

  test.each([
    ['a status', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n', /status 403/],
    ['a redirection', 'HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n', /status 302/],
    [
      'a wrong key',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n',
      /handshake failed/,
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', /cannot connect/],
    ['a close', '', /cannot connect/],
  ])('answered by %s is no link: unavailable, not sent', async (_what, text, why) => {
    const server = await refusing((socket) => socket.end(text));
    using user = new WireUser({ transport: webSocketTransport(), address: { url: server.url } });
    expect(await user.ended()).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect' });
    expect(user.error?.message).toMatch(why);
    await settle();
    expect(user.log).toHaveLength(1);
    server.close();
  });

  test('sends the headers and the subprotocols of the options, and offers no compression', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opened = once(sockets, 'connection');
    const transport = webSocketTransport({ headers: { authorization: 'Bearer x' }, protocols: ['ci.v1'] });
    const pool = createPool({ cis: { apollo: url }, transports: { ws: transport }, logger: false });
    await pool.warm();
    const [ws, request] = await opened;
    expect([request.headers.authorization, ws.protocol, ws.extensions]).toEqual(['Bearer x', 'ci.v1', '']);
    ws.on('message', (data: Buffer) => {
      const { request_id, content } = JSON.parse(data.toString());
      ws.send(JSON.stringify({ type: 'chat_response', content, request_id }));
    });
    const reply = await firstValueFrom(pool.ask('apollo', 'hello'));
    expect(reply).toMatchObject({ content: 'hello', reused: true });
    await pool.close();
    server.close();
  });
});
