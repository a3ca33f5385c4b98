import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPool, ollamaTransport, openAiTransport, type Pool, type PoolOptions } from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { until } from '../../support/stage.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.restoreAllMocks();
});

type Wire = 'openai' | 'ollama';
type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const wires = ['openai', 'ollama'] as const;
const good: Answer = (_request, response) => void response.end('{}');

/** A server that records each request. It answers all requests except chats as a test says. */
class Probed {
  /** `METHOD path`, in the order of arrival. */
  readonly asked: string[] = [];
  sockets = 0;
  readonly wire: Wire;
  readonly #server: http.Server;

  private constructor(wire: Wire, answer: Answer) {
    this.wire = wire;
    const dialect = dialects[wire];
    this.#server = http.createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      response.on('error', () => {});
      if (request.method !== 'POST') return answer(request, response);
      request.resume().on('end', () => response.end(`${pieceOf(dialect, 'ok')}${dialect.end}`));
    });
    this.#server.on('connection', () => {
      this.sockets += 1;
    });
  }

  static async listen(wire: Wire, answer: Answer = good): Promise<Probed> {
    const made = new Probed(wire, answer);
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    closing.push(() => {
      made.#server.closeAllConnections();
      made.#server.close();
    });
    return made;
  }

  get url(): string {
    return dialects[this.wire].url((this.#server.address() as AddressInfo).port);
  }

  /** The requests without the chats. */
  get probes(): readonly string[] {
    return this.asked.filter((one) => !one.startsWith('POST'));
  }
}

/** Frequent heartbeats, for a server that always answers in time. */
const beating: PoolOptions = { healthIntervalMs: 10, heartbeatTimeoutMs: 20, maxMissedHeartbeats: 1_000 };

type Probe = 'connect' | 'path' | `/${string}` | undefined;

function pooled({ url }: Probed, probe?: Probe, options: PoolOptions = {}, query = ''): Pool {
  const transports = { 'openai+http': openAiTransport({ probe }), ollama: ollamaTransport({ probe }) };
  const pool = createPool({ cis: { muse: `${url}${query}` }, transports, logger: false, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

const ask = (pool: Pool) =>
  firstValueFrom(pool.ask('muse', 'hello')).then(
    ({ content }) => content,
    (error) => error,
  );

describe.each(wires)('%s: what a dial requests', (wire) => {
  const { probePath } = dialects[wire];

  /** Opens four connections, each dialled for its own request. */
  async function fourDials(probe?: Probe, query = ''): Promise<Probed> {
    const server = await Probed.listen(wire);
    const pool = pooled(server, probe, {}, query);
    await pool.warm();
    expect(await Promise.all(Array.from({ length: 4 }, () => ask(pool)))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(pool.snapshot().totals.connections).toBe(4);
    return server;
  }

  test('by default: the usual path of such servers, once for the CI', async () => {
    expect((await fourDials()).probes).toEqual([`GET ${probePath}`]);
  });

  test('connect: nothing', async () => {
    expect((await fourDials('connect')).probes).toEqual([]);
  });

  test('path: the usual path of such servers, at each dial', async () => {
    expect((await fourDials('path')).probes).toEqual(Array.from({ length: 4 }, () => `GET ${probePath}`));
  });

  test('a path of the user: that path, at each dial', async () => {
    expect((await fourDials('/custom/path?x=1')).probes).toEqual(
      Array.from({ length: 4 }, () => 'GET /custom/path?x=1'),
    );
  });

  test('of many dials that begin at once, only the first sends a request', async () => {
    const server = await Probed.listen(wire);
    const pool = pooled(server);
    expect(await Promise.all(Array.from({ length: 4 }, () => ask(pool)))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(server.probes).toEqual([`GET ${probePath}`]);
  });

  test.each([
    [undefined, `HEAD ${probePath}`],
    ['/custom', 'HEAD /custom'],
  ] as const)('the heartbeat of an idle connection requests no body: probe %s', async (probe, asked) => {
    const server = await Probed.listen(wire);
    const pool = pooled(server, probe, beating);
    await ask(pool);
    await until(() => server.probes.length >= 4);
    expect(server.probes.slice(1, 4)).toEqual([asked, asked, asked]);
  });

  test('the heartbeat of an idle connection only connects with probe connect', async () => {
    const server = await Probed.listen(wire);
    const pool = pooled(server, 'connect', beating);
    await ask(pool);
    await until(() => server.sockets >= 5);
    expect(server.probes).toEqual([]);
  });

  test('connect succeeds if a server answers no probe, path does not', async () => {
    const silent: Answer = () => {};
    expect(await ask(pooled(await Probed.listen(wire, silent), 'connect'))).toBe('ok');
    const error = await ask(pooled(await Probed.listen(wire, silent), 'path', { connectTimeoutMs: 100 }));
    expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent' });
  });
});

test('probes an OpenAI server with another base at that base', async () => {
  const server = await Probed.listen('openai');
  expect(await ask(pooled(server, undefined, {}, '?base=/openai/v2'))).toBe('ok');
  expect(server.asked).toEqual(['GET /openai/v2/models', 'POST /openai/v2/chat/completions']);
});

describe.each(wires)('%s: what an answer to the probe means', (wire) => {
  const withStatus =
    (status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Answer =>
    (_request, response) =>
      void response.writeHead(status, headers).end(body);

  test.each([200, 204, 301, 400, 401, 403, 404, 405, 429, 501])('status %i: the server is up', async (status) => {
    const body = status === 204 ? '' : '{"error":"no"}';
    const server = await Probed.listen(wire, withStatus(status, body, { location: '/elsewhere' }));
    const pool = pooled(server);
    expect(await ask(pool)).toBe('ok');
    expect([server.probes.length, pool.snapshot().cis.muse?.lastError]).toEqual([1, undefined]);
  });

  test.each([
    [500, '{"error":{"message":"out of memory"}}', 'out of memory'],
    [503, '{"detail":"still loading"}', 'still loading'],
    [503, 'Loading model', 'Loading model'],
    [502, '<html><head><title>502 Bad Gateway</title></head><body>x</body></html>', '502 Bad Gateway'],
  ])('status %i: the server is down, and the error has its words (%s)', async (status, body, words) => {
    const server = await Probed.listen(wire, withStatus(status, body));
    const pool = pooled(server, undefined, { reconnectDelayMs: 60_000 });
    await pool.warm();
    const error = await ask(pool);
    expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent' });
    expect(error.message).toContain(`status ${status}`);
    expect(server.asked.filter((one) => one.startsWith('POST'))).toEqual([]);
    // The server's words may hold content: they belong in the error of the request, and not in a log.
    expect(JSON.stringify(pool.snapshot())).not.toContain(words);
    expect(error.message).toContain(words);
  });

  test.each([
    [200, 'ok'],
    [500, undefined],
  ] as const)('status %i with a body of 10 MB: the body is not read to its end', async (status, content) => {
    const sockets: net.Socket[] = [];
    const { connect } = net;
    vi.spyOn(net, 'connect').mockImplementation((...args: unknown[]) => {
      const socket = Reflect.apply(connect, net, args) as net.Socket;
      sockets.push(socket);
      return socket;
    });
    const server = await Probed.listen(wire, (_request, response) => {
      response.writeHead(status, { 'content-length': 10_000_000 }).end(Buffer.alloc(10_000_000, 'x'));
    });
    const pool = pooled(server);
    const outcome = await ask(pool);
    if (content !== undefined) expect(outcome).toBe(content);
    else expect(outcome).toMatchObject({ code: 'unavailable' });
    const [probing] = sockets;
    await until(() => probing?.destroyed === true);
    // One read of a socket returns up to 64 KiB.
    expect(probing?.bytesRead).toBeGreaterThan(1_000);
    expect(probing?.bytesRead).toBeLessThan(200_000);
  });
});
