import { createPrivateKey } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TlsOptions } from '../../../src/index.js';
import { faults } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { useHostilePeers } from './hostile-peer.js';

const SECRET = 'attack at dawn';
const stage = useStage();
const hostile = useHostilePeers();
const { ca, server, client, bad } = certificates;

/** Asks a CI with this certificate twice, the second time before the backoff is over. */
async function ask(tls: TlsOptions | undefined, own: { cert: string; key: string }, listen = {}) {
  const ci = await stage.scripted(faults.replies(), { listen: { host: '127.0.0.1', tls: { ...own, ...listen } } });
  const pool = stage.pool({ cis: { apollo: { url: `tls://127.0.0.1:${ci.port}`, tls } }, reconnectDelayMs: 60_000 });
  const asked = watch(pool.ask('apollo', SECRET));
  await asked.ended;
  return { ci, pool, asked };
}

describe('a CI whose certificate is bad', () => {
  const strangers: [string, { cert: string; key: string }, TlsOptions | undefined, string][] = [
    ['has expired', bad.expired, { ca }, 'CERT_HAS_EXPIRED'],
    ['is not valid yet', bad.early, { ca }, 'CERT_NOT_YET_VALID'],
    ['is for another host', bad.elsewhere, { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['is signed by itself', bad.selfSigned, { ca }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['is signed by another authority', bad.foreignServer, { ca }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['is one for clients', client, { ca }, 'INVALID_PURPOSE'],
    ['is of an unknown authority', server, undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['is unknown, with no TLS option set', server, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [
      'is unknown, with every option undefined',
      server,
      { ca: undefined, rejectUnauthorized: undefined, servername: undefined },
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ];

  test.each(strangers)('it %s: refused, with the reason, and nothing is sent', async (_, own, tls, reason) => {
    const { asked, ci, pool } = await ask(tls, own);
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(asked.error?.reason).toContain(`TLS was refused (${reason})`);
    expect(pool.snapshot().cis.apollo?.lastError?.message).toContain(reason);
    expect([ci.received, pool.snapshot().totals.metrics.connects]).toEqual([[], 0]);
  });

  test('the environment does not switch the check off', async () => {
    // Node warns as soon as it sees this variable, used or not.
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { asked, ci } = await ask({ ca }, bad.selfSigned);
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(ci.received).toEqual([]);
    warned.mockRestore();
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('a requested name does not make another certificate valid', async () => {
    const { asked } = await ask({ ca, servername: 'localhost' }, bad.elsewhere);
    expect(asked.error?.reason).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('a CI that requires client certificates', () => {
  const mutual = { ca, requestCert: true };

  test('accepts one of its authority', async () => {
    const { asked } = await ask({ ca, ...client }, server, mutual);
    expect(asked.values[0]?.content).toBe(SECRET);
  });

  test('accepts one with an encrypted key, with the passphrase', async () => {
    const { asked } = await ask({ ca, ...encrypted('opensesame') }, server, mutual);
    expect(asked.outcome).toBe('reply');
  });

  test.each<[string, TlsOptions]>([
    ['without a certificate', { ca }],
    ['with a certificate of another authority', { ca, ...bad.foreignClient }],
    ['with an expired certificate for servers', { ca, ...bad.expired }],
    ['with a self-signed certificate', { ca, ...bad.selfSigned }],
  ])('refuses a client %s: the link is lost, and nothing was read', async (_, tls) => {
    const { asked, ci, pool } = await ask(tls, server, mutual);
    // With TLS 1.3 the client's link may be up before the server checks: the request may have been written by then.
    expect(asked.error?.code).toBe('connection_lost');
    expect(asked.error?.reason).toContain('the connection was lost: ');
    expect([asked.values, ci.received, ci.connections]).toEqual([[], [], []]);
    expect(pool.snapshot().totals.metrics.succeeded).toBe(0);
  });

  test.each([
    ['is wrong', 'abracadabra'],
    ['is missing', undefined],
  ])('a passphrase that %s is found when the pool is made, and not shown', (_, passphrase) => {
    const tls = { ca, ...encrypted('opensesame'), passphrase };
    const make = () => stage.pool({ cis: { apollo: { url: 'tls://127.0.0.1:45012', tls } } });
    expect(make).toThrow('its tls options hold a certificate or key that cannot be read');
    expect(make).not.toThrow(/opensesame|abracadabra|BEGIN/);
  });
});

describe('there is no fallback to plain text', () => {
  /** The first bytes of TLS: a handshake record of version 3. */
  const HANDSHAKE = [0x16, 3];

  test.each([
    ['answers in plain text', '{"type":"pong"}\n'],
    ['asks for plain text', 'HTTP/1.1 400 Bad Request\r\n\r\nno TLS here\n'],
    ['closes at once', ''],
  ])('a peer that %s gets only handshakes', async (_, answer) => {
    const heard: Buffer[] = [];
    const peer = await hostile((socket) => {
      socket.once('data', (bytes) => {
        heard.push(bytes);
        socket.end(answer);
      });
    });
    const pool = stage.pool({
      cis: { apollo: { url: `tls://127.0.0.1:${peer.port}`, tls: { ca, rejectUnauthorized: false } } },
      reconnectDelayMs: 1,
      maxReconnectDelayMs: 1,
    });
    const patient = watch(pool.ask('apollo', SECRET, { waitForReady: true, deadlineMs: 10_000 }));
    const [refused] = await Promise.all([
      watch(pool.ask('apollo', SECRET)).ended,
      vi.waitUntil(() => heard.length >= 3, { timeout: 8_000, interval: 1 }),
    ]);
    patient.subscription.unsubscribe();
    expect(refused).toBe('unavailable not_sent connect');
    expect(heard.map((bytes) => [...bytes.subarray(0, 2)])).toEqual(heard.map(() => HANDSHAKE));
    expect(Buffer.concat(heard).includes(SECRET)).toBe(false);
  });
});

function encrypted(passphrase: string): { cert: string; key: string; passphrase: string } {
  const key = createPrivateKey(client.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  return { cert: client.cert, key: key as string, passphrase };
}
