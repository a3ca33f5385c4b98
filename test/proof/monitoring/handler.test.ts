import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import fastify from 'fastify';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { contentTypes, prometheusHandler, prometheusText } from '../../../src/prometheus/index.js';
import { readSamples } from '../../support/read-samples.js';
import { useStage } from '../../support/stage.js';

const stage = useStage();
const ends: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(listener as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function get(port: number, headers: RequestOptions['headers'] = {}, method = 'GET', path = '/'): Promise<Answer> {
  const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}

async function poolOf(cis: number) {
  const served = await stage.serve({});
  const pool = stage.pool({
    cis: Object.fromEntries(Array.from({ length: cis }, (_, index) => [`ci-${index}`, served.url])),
  });
  await firstValueFrom(pool.ask('ci-0', 'hello'));
  return pool;
}
const succeeded = (text: string) =>
  readSamples(text).value('choragus_requests_total', { ci: 'ci-0', outcome: 'succeeded' });

describe('the handler', () => {
  test('answers with the text, and to Prometheus with OpenMetrics', async () => {
    const port = await serve(prometheusHandler(await poolOf(1)));
    const plain = await get(port);
    expect([plain.status, plain.headers['content-type'], plain.headers['content-encoding']]).toEqual([
      200,
      contentTypes.text,
      undefined,
    ]);
    expect(succeeded(plain.body.toString())).toBe(1);
    const open = await get(port, { accept: 'application/openmetrics-text;version=1.0.0,*/*;q=0.1' });
    expect(open.headers['content-type']).toBe(contentTypes.openMetrics);
    expect(open.body.toString()).toMatch(/\n# EOF\n$/);
    expect(succeeded(open.body.toString())).toBe(1);
    expect(open.headers.vary).toBe('accept, accept-encoding');
  });

  test('compresses for those who accept gzip', async () => {
    const port = await serve(prometheusHandler(await poolOf(300)));
    const plain = await get(port);
    const packed = await get(port, { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.body.length).toBeLessThan(plain.body.length / 5);
    expect(readSamples(gunzipSync(packed.body).toString()).samples.length).toBe(
      readSamples((await get(port)).body.toString()).samples.length,
    );
  });

  test('answers HEAD without a body, and refuses other methods', async () => {
    const port = await serve(prometheusHandler(await poolOf(1)));
    const head = await get(port, {}, 'HEAD');
    expect([head.status, head.headers['content-type'], head.body.length]).toEqual([200, contentTypes.text, 0]);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const refused = await get(port, {}, method);
      expect([refused.status, refused.headers.allow, refused.body.length]).toEqual([405, 'GET, HEAD', 0]);
    }
  });

  test('lives on when clients hang up at any moment, or do not read', async () => {
    const pool = await poolOf(3_000);
    const port = await serve(prometheusHandler(pool, { maxCis: 3_000 }));
    for (const delayMs of [0, 1, 3, 10, 30]) {
      const asked = httpRequest({ host: '127.0.0.1', port, agent: false }).on('error', () => {});
      asked.end();
      await sleep(delayMs);
      asked.destroy();
    }
    const slow = httpRequest({ host: '127.0.0.1', port, agent: false }).on('error', () => {});
    slow.end();
    const [response] = (await once(slow, 'response')) as [IncomingMessage];
    response.pause();
    expect(succeeded((await get(port)).body.toString())).toBe(1);
    slow.destroy();
  });

  test('shares readings between scrapes at the same time, and each has the last request', async () => {
    const pool = await poolOf(200);
    const port = await serve(prometheusHandler(pool));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await firstValueFrom(pool.ask('ci-0', 'hello'));
        const { metrics } = pool.snapshot().cis['ci-0'] ?? {};
        const text = (await get(port)).body.toString();
        return (succeeded(text) as number) - (metrics?.succeeded ?? 0);
      }),
    );
    expect(answers.every((more) => more >= 0)).toBe(true);
    expect(succeeded((await get(port)).body.toString())).toBe(21);
  });
});

describe('the lag of the event loop', () => {
  test('is measured from the first scrape on, and shows a block to two servers that scrape', async () => {
    const pool = await poolOf(1);
    const lag = async () => readSamples(await prometheusText(pool)).value('choragus_event_loop_lag_seconds');
    expect(await lag()).toBeUndefined();
    await sleep(100);
    const blockedUntilMs = performance.now() + 200;
    while (performance.now() < blockedUntilMs);
    await sleep(60);
    for (const _ of ['one server', 'the other']) {
      const seconds = (await lag()) as number;
      expect(seconds).toBeGreaterThan(0.15);
      expect(seconds).toBeLessThan(2);
    }
  });
});

describe('in a service that is there already', () => {
  test('Express', async () => {
    const app = express();
    app.get('/metrics', prometheusHandler(await poolOf(1)));
    const port = await serve(app);
    const { status, headers, body } = await get(port, {}, 'GET', '/metrics');
    expect([status, headers['content-type']]).toEqual([200, contentTypes.text]);
    expect(succeeded(body.toString())).toBe(1);
    expect((await get(port, {}, 'HEAD', '/metrics')).status).toBe(200);
  });

  test('Fastify', async () => {
    const app = fastify();
    const metrics = prometheusHandler(await poolOf(1));
    app.get('/metrics', (request, reply) => {
      reply.hijack();
      metrics(request.raw, reply.raw);
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    ends.push(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    const packed = await get(port, { 'accept-encoding': 'gzip' }, 'GET', '/metrics');
    expect(succeeded(gunzipSync(packed.body).toString())).toBe(1);
  });

  test('prom-client: both texts at one address, no name twice', async () => {
    const pool = await poolOf(1);
    const register = new Registry();
    collectDefaultMetrics({ register });
    new Counter({ name: 'orders_total', help: 'Orders.', registers: [register] }).inc(3);
    const app = express();
    app.get('/metrics', async (_request, response) => {
      response.type(register.contentType).send((await register.metrics()) + (await prometheusText(pool)));
    });
    const port = await serve(app);
    const text = (await get(port, {}, 'GET', '/metrics')).body.toString();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(text).toContain('\norders_total 3\n');
    expect(names).toContain('process_cpu_user_seconds_total');
    expect(text).toContain('\nchoragus_requests_total{ci="ci-0",outcome="succeeded"} 1\n');
    register.clear();
  });
});

test('a handler refuses what is no pool', async () => {
  expect(() => prometheusHandler({} as never)).toThrow('a pool that createPool() made');
  await expect(prometheusText({} as never)).rejects.toMatchObject({ code: 'invalid_config' });
});
