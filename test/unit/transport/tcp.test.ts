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

/** Number of sockets that keep this process alive. */
function heldSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|TLS|Pipe)/.test(kind)).length;
}

describe.each(wires)('a socket of %s', (_name, makeWire) => {
  test('writes the requests of one tick at once', async () => {
    await using wire = await makeWire();
    using user = await linked(wire);
    const peer = await wire.peer(0);
    user.send(...Array.from({ length: 20 }, (_, n) => `{"n":${n}}`));
    await peer.received(20);
    expect(peer.packets).toBe(1);
  });

  test('does not keep the process alive', async () => {
    await using wire = await makeWire();
    // Those of the test before may not have closed yet.
    await settle();
    const before = heldSockets();
    using user = await linked(wire);
    (await wire.peer(0)).socket.unref();
    user.send('{"n":1}');
    await (await wire.peer(0)).received(1);
    await settle();
    expect(heldSockets()).toBe(before);
  });

  test('closes on unsubscribe, even if the peer reads nothing any more', async () => {
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
  test('is read in parts, with turns for others in between', async () => {
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
    // 256 KiB, plus the bytes of its last read, plus those under way by then.
    expect(Math.max(...turns)).toBeLessThanOrEqual(2 ** 19);
  });
});

/** Whether a channel is writable right after it has written one tick's worth of small requests. */
async function isWritableAfterATick(makeWire: () => Promise<SocketWire>): Promise<boolean> {
  await using wire = await makeWire();
  using user = await linked(wire);
  // The most that may be in flight on a connection whose peer echoes ids.
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

describe('the reason of a failed link', () => {
  test('no server listens on the port', async () => {
    await using wire = await tcpWire();
    using user = new WireUser({ transport: wire.transport, address: wire.deserted });
    expect((await user.ended()).message).toMatch(/cannot connect: nothing listens there \(ECONNREFUSED\)/);
  });

  test('the socket file does not exist', async () => {
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

  test('looks up a host name, and tries each of its addresses', async () => {
    await using wire = await tcpWire('localhost');
    using user = await linked(wire);
    expect(user.log).toEqual(['up']);
  });
});

/** A port without a listener. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a dial that connects to itself is refused, and sends nothing', async () => {
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
  // It has a type of its own, so that the question itself would pass as its answer.
  const error = await firstValueFrom(pool.request('apollo', { type: 'note', content: 'hello' })).catch(
    (cause) => cause,
  );
  expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect' });
  expect(error.message).toContain('met itself');
  expect(dials.map(({ bytesWritten, destroyed }) => [bytesWritten, destroyed])).toEqual([[0, true]]);
});
