import { lookup } from 'node:dns/promises';
import { describe, expect, test } from 'vitest';
import type { TlsOptions } from '../../../src/index.js';
import { faults } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';

const stage = useStage();
const { ca, server, client } = certificates;

/** Asks a TLS CI with these client settings; the host is an address or a name. */
async function askOverTls(tls: TlsOptions | undefined, { host = 'localhost', listen = {} } = {}) {
  const ci = await stage.scripted(faults.replies(), { listen: { host: '127.0.0.1', tls: { ...server, ...listen } } });
  const pool = stage.pool({ cis: { apollo: { url: `tls://${host}:${ci.port}`, tls } } });
  const asked = watch(pool.ask('apollo', 'hello'));
  await asked.ended;
  return { ci, pool, asked };
}

describe('over TLS', () => {
  test.each(['localhost', '127.0.0.1'])('a CI is trusted if its authority is known: %s', async (host) => {
    const { asked, ci, pool } = await askOverTls({ ca }, { host });
    expect(asked.values[0]?.content).toBe('hello');
    expect(await watch(pool.ask('apollo', 'again')).ended).toBe('reply');
    expect(ci.connections.length).toBe(1);
  });

  test('accepts a list of authorities', async () => {
    expect((await askOverTls({ ca: [ca, ca] })).asked.outcome).toBe('reply');
  });

  test('checks certificates by default: sends nothing if the authority is unknown', async () => {
    const { asked, ci } = await askOverTls(undefined);
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(ci.received).toEqual([]);
  });

  test('and the reason mentions TLS', async () => {
    const { asked } = await askOverTls(undefined);
    expect(asked.error?.reason).toContain('TLS was refused (UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
  });

  test('accepts any certificate with rejectUnauthorized: false', async () => {
    expect((await askOverTls({ rejectUnauthorized: false })).asked.outcome).toBe('reply');
  });

  test('rejects a name that is not in the certificate', async () => {
    const { asked, ci } = await askOverTls({ ca, servername: 'apollo.example' });
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(asked.error?.reason).toContain('TLS was refused (ERR_TLS_CERT_ALTNAME_INVALID)');
    expect(ci.received).toEqual([]);
  });

  test('the name may differ from the host in the URL', async () => {
    expect((await askOverTls({ ca, servername: 'localhost' }, { host: '127.0.0.1' })).asked.outcome).toBe('reply');
  });

  test('sends a client certificate to a CI that requests one', async () => {
    const listen = { ca, requestCert: true };
    expect((await askOverTls({ ca, ...client }, { listen })).asked.outcome).toBe('reply');
  });

  test('fails without a client certificate if the CI requires one', async () => {
    const { asked, ci } = await askOverTls({ ca }, { listen: { ca, requestCert: true } });
    // TLS 1.3 reports the client's link as up before the server checks: the link is then lost, not refused.
    expect(asked.error?.code).toBe('connection_lost');
    expect(asked.values).toEqual([]);
    expect(ci.received).toEqual([]);
  });

  test('a CI that does not speak TLS is unavailable', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({
      cis: { apollo: { url: `tls://127.0.0.1:${ci.port}`, tls: { ca } } },
      connectTimeoutMs: 100,
    });
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('unavailable not_sent connect');
  });

  test('a CI with TLS refuses plain text', async () => {
    const ci = await stage.scripted(faults.replies(), { listen: { tls: server } });
    const pool = stage.pool({ cis: { apollo: `tcp://127.0.0.1:${ci.port}` } });
    const asked = watch(pool.ask('apollo', 'hello'));
    await asked.ended;
    expect(['connection_lost', 'protocol_error']).toContain(asked.error?.code);
    expect([asked.error?.delivery, asked.values, ci.received]).toEqual(['maybe_sent', [], []]);
  });

  test('a stream arrives whole, wherever the TLS records end', async () => {
    const ci = await stage.serve({
      listen: { tls: server },
      handler: async function* () {
        for (let i = 0; i < 200; i += 1) yield `${i}:${'世'.repeat(500)} `;
      },
    });
    const pool = stage.pool({ cis: { apollo: { url: ci.url, tls: { ca } } } });
    const stream = watch(pool.stream('apollo', 'count'));
    expect(await stream.ended).toBe('reply');
    const expected = Array.from({ length: 200 }, (_, i) => `${i}:${'世'.repeat(500)} `);
    expect(stream.values.map(({ content }) => content)).toEqual(expected);
  });

  test('a bad certificate is rejected when the pool is made', () => {
    const tls = { ca, key: client.key, cert: 'no certificate' };
    expect(() => stage.pool({ cis: { apollo: { url: 'tls://localhost:45012', tls } } })).toThrow('[invalid_config]');
  });
});

describe('over a unix socket', () => {
  test('a CI works like any other', async () => {
    const ci = await stage.scripted(faults.replies(), { listen: { path: await stage.unixPath() } });
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 2 });
    const asked = Array.from({ length: 20 }, (_, i) => watch(pool.ask('apollo', `q${i}`)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(({ values }) => values[0]?.content)).toEqual(asked.map((_, i) => `q${i}`));
    expect(ci.connections.length).toBeLessThanOrEqual(2);
  });

  test('without a socket file it is unavailable, and the reason says so', async () => {
    const pool = stage.pool({ cis: { apollo: `unix:${await stage.unixPath()}` } });
    const asked = watch(pool.ask('apollo', 'hello'));
    expect(await asked.ended).toBe('unavailable not_sent connect');
    expect(asked.error?.reason).toContain('there is no such socket file');
  });
});

// A machine may have no IPv6, or no IPv6 address for localhost.
const families = (await lookup('localhost', { all: true })).map(({ family }) => family);

describe('localhost', () => {
  test.skipIf(!families.includes(4))('is found if it listens only on IPv4', () => expectFound('127.0.0.1'));

  test.skipIf(!families.includes(6))('is found if it listens only on IPv6', () => expectFound('::1'));

  async function expectFound(host: string): Promise<void> {
    const ci = await stage.scripted(faults.replies(), { listen: { host } });
    const pool = stage.pool({ cis: { byName: `tcp://localhost:${ci.port}`, byAddress: ci.url } });
    for (const name of pool.cis) expect(await watch(pool.ask(name, 'hello')).ended).toBe('reply');
  }
});
