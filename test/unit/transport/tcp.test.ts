import { once } from 'node:events';
import net from 'node:net';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { createPool } from '../../../src/index.js';
import { transportConformance } from './conformance.js';
import { type SocketWire, tcpWire, tlsWire, unixWire } from './socket-wire.js';
import { linked, settle, WireUser } from './wire-user.js';

transportConformance('over TCP', tcpWire);
transportConformance('over TLS', tlsWire);
transportConformance('over a unix socket', unixWire);

const wires = [
  ['TCP', tcpWire],
  ['TLS', tlsWire],
  ['a unix socket', unixWire],
] as const;

/** Sockets that keep this process alive. */
function heldSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|TLS|Pipe)/.test(kind)).length;
}

describe.each(wires)('a socket of %s', (_name, makeWire) => {
  test('gets the requests of one tick in one write', async () => {
    await using wire = await makeWire();
    using user = await linked(wire);
    const peer = await wire.peer(0);
    user.send(...Array.from({ length: 20 }, (_, n) => `{"n":${n}}`));
    await peer.received(20);
    expect(peer.packets).toBe(1);
  });

  test('keeps no process alive', async () => {
    await using wire = await makeWire();
    // Those of the test before this one may not have gone yet.
    await settle();
    const before = heldSockets();
    using user = await linked(wire);
    (await wire.peer(0)).socket.unref();
    user.send('{"n":1}');
    await (await wire.peer(0)).received(1);
    await settle();
    expect(heldSockets()).toBe(before);
  });

  test('is closed by unsubscribing, though the peer reads nothing any more', async () => {
    await using wire = await makeWire();
    using user = await linked(wire);
    const peer = await wire.peer(0);
    await peer.hold(user.channel);
    user.link.unsubscribe();
    await settle();
    expect(user.log).toEqual(['up']);
    peer.release();
    await peer.closed;
  });
});

describe.each(wires)('a flood over %s', (_name, makeWire) => {
  test('is read a part at a time, and others have their turns in between', async () => {
    await using wire = await makeWire();
    using user = new WireUser(wire, 2 ** 20);
    await user.until(() => user.channel !== undefined);
    const line = `${JSON.stringify({ type: 'chunk', content: 'x'.repeat(1_000) })}\n`;
    const lines = 8_000;
    const turns: number[] = [];
    let inThisTurn = 0;
    let came = 0;
    user.onFrame = () => {
      came += 1;
      inThisTurn += line.length;
    };
    (await wire.peer(0)).send(line.repeat(lines));
    while (came < lines) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.push(inThisTurn);
      inThisTurn = 0;
    }
    // 256 KiB, what was read with its last piece, and what was under way by then.
    expect(Math.max(...turns)).toBeLessThanOrEqual(2 ** 19);
  });
});

/** Whether a channel takes more, right after it has written one tick's worth of small requests. */
async function isWritableAfterATick(makeWire: () => Promise<SocketWire>): Promise<boolean> {
  await using wire = await makeWire();
  using user = await linked(wire);
  // As many as may be in flight on a connection whose peer echoes ids.
  user.send(...Array.from({ length: 256 }, () => JSON.stringify({ content: 'x'.repeat(200) })));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const { isWritable } = user.channel;
  await user.peer.received(256);
  return isWritable;
}

describe('256 requests of one tick do not fill the socket', () => {
  for (const [name, makeWire] of wires) {
    test(`of ${name}`, async () => {
      expect(await isWritableAfterATick(makeWire)).toBe(true);
    });
  }
});

describe('why a link failed', () => {
  test('nobody listens on a port', async () => {
    await using wire = await tcpWire();
    using user = new WireUser({ transport: wire.transport, address: wire.deserted });
    expect((await user.ended()).message).toMatch(/cannot connect: nothing listens there \(ECONNREFUSED\)/);
  });

  test('there is no socket file', async () => {
    await using wire = await unixWire();
    using user = new WireUser({ transport: wire.transport, address: wire.deserted });
    expect((await user.ended()).message).toMatch(/cannot connect: there is no such socket file \(ENOENT\)/);
  });

  test('the peer reset it', async () => {
    await using wire = await tcpWire();
    using user = await linked(wire);
    const { peer } = user;
    peer.fail();
    expect((await user.ended()).message).toMatch(
      /the connection was lost: the peer reset the connection \(ECONNRESET\)/,
    );
  });

  test('a host name is looked up, and each of its addresses tried', async () => {
    await using wire = await tcpWire('localhost');
    using user = await linked(wire);
    expect(user.log).toEqual(['up']);
  });
});

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a dial that meets itself is no CI: refused, and nothing is said', async () => {
  const port = await freePort();
  const connect = net.connect;
  const dials: net.Socket[] = [];
  // What the system does by chance, when it gives a dial the very port that it dials.
  using _ = vi.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) => {
    const socket = connect({ ...options, localPort: port, localAddress: '127.0.0.1' });
    dials.push(socket);
    return socket;
  }) as typeof net.connect);
  await using pool = createPool({ cis: { apollo: `tcp://127.0.0.1:${port}` }, logger: false });
  // Of a type of its own, so that the question itself would fit as its answer.
  const error = await firstValueFrom(pool.request('apollo', { type: 'note', content: 'hello' })).catch(
    (cause) => cause,
  );
  expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect' });
  expect(error.message).toContain('met itself');
  expect(dials.map(({ bytesWritten, destroyed }) => [bytesWritten, destroyed])).toEqual([[0, true]]);
});
