import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../src/inspector/feed/records.js';
import { ask, bearer, tokenOf, useInspectors } from '../../support/inspectors.js';

const { pool, inspect } = useInspectors();

async function enter(url: string): Promise<string> {
  const { headers } = await ask(url, `/?token=${tokenOf(url)}`);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const idIn = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1);
const json = { 'content-type': 'application/json' };

describe('a stolen cookie', () => {
  test('is not the token, and opens no other inspector', async () => {
    const one = await inspect(await pool());
    const other = await inspect(await pool());
    const id = idIn(await enter(one.url));
    expect(id).not.toContain(tokenOf(one.url));
    expect(id.length).toBeGreaterThanOrEqual(32);
    expect((await ask(one.url, `/?token=${id}`)).status).toBe(401);
    expect((await ask(one.url, '/api/cis.csv', { headers: { authorization: `Bearer ${id}` } })).status).toBe(401);
    const cookie = `choragus-${new URL(other.url).port}=${id}`;
    expect((await ask(other.url, '/api/cis.csv', { headers: { cookie } })).status).toBe(401);
  });

  test('opens nothing once its session has ended, and other sessions go on', async () => {
    const { url } = await inspect(await pool());
    const [cookie, other] = [await enter(url), await enter(url)];
    const origin = new URL(url).origin;
    const end = { method: 'POST', headers: { ...json, cookie, origin }, body: '{"end":true}' };
    expect((await ask(url, '/api/session', end)).status).toBe(200);
    expect(await ask(url, '/api/session', { headers: { cookie } })).toMatchObject({ status: 401 });
    expect((await ask(url, '/api/session', { headers: { cookie: other } })).status).toBe(200);
  });

  test('opens nothing after endSessions', async () => {
    const inspector = await inspect(await pool());
    const cookie = await enter(inspector.url);
    inspector.endSessions();
    expect((await ask(inspector.url, '/api/session', { headers: { cookie } })).status).toBe(401);
    expect(await enter(inspector.url)).not.toBe('');
  });
});

test('a session id that another party chose is never accepted', async () => {
  const { url } = await inspect(await pool());
  const cookie = `choragus-${new URL(url).port}=chosen-by-an-attacker-0000000000`;
  const { headers } = await ask(url, `/?token=${tokenOf(url)}`, { headers: { cookie } });
  expect(headers['set-cookie']?.[0]).not.toContain('chosen');
  expect((await ask(url, '/api/session', { headers: { cookie } })).status).toBe(401);
});

test('a read-only session may watch and not act', async () => {
  const { url, readOnlyUrl } = await inspect(await pool(), { actions: true });
  const cookie = await enter(readOnlyUrl);
  const seen = await ask(url, '/api/session', { headers: { cookie } });
  expect(JSON.parse(seen.text)).toMatchObject({ may: { actions: false } satisfies Hello['may'] });
  const headers = { ...json, cookie, origin: new URL(url).origin };
  const body = '{"do":"ping","connection":"apollo#1"}';
  const refused = await ask(url, '/api/action', { method: 'POST', headers, body });
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('may only watch')]);
});

test('readOnly wins over actions', async () => {
  const { url } = await inspect(await pool(), { actions: true, readOnly: true });
  const seen = await ask(url, '/api/session', { headers: bearer(url) });
  expect(JSON.parse(seen.text)).toMatchObject({ may: { actions: false } });
});

test('guesses are limited, and the holder of the right token or of a session still enters', async () => {
  const { url } = await inspect(await pool());
  const cookie = await enter(url);
  const statuses: number[] = [];
  for (let count = 0; count < 25; count += 1) statuses.push((await ask(url, `/?token=wrong-${count}`)).status);
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
  expect((await ask(url, '/api/session', { headers: { cookie } })).status).toBe(200);
  expect((await ask(url, `/?token=${tokenOf(url)}`)).status).toBe(303);
});

test('of 1,000 sessions the latest 100 remain', async () => {
  const { url } = await inspect(await pool());
  const cookies: string[] = [];
  for (let count = 0; count < 1_000; count += 1) cookies.push(await enter(url));
  const status = async (cookie = ''): Promise<number> =>
    (await ask(url, '/api/session', { headers: { cookie } })).status;
  expect([await status(cookies[899]), await status(cookies[900]), await status(cookies[999])]).toEqual([401, 200, 200]);
}, 30_000);

test('a link from another site shows a button and no data', async () => {
  const { url } = await inspect(await pool(['secret-ci']));
  const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' };
  const { status, text } = await ask(url, '/', { headers });
  expect(status).toBe(401);
  expect(text).toContain('<a id="open" href="/">Open the inspector</a>');
  expect(text).not.toContain('secret-ci');
});

test('the form takes the link of the service, and only from its own page', async () => {
  const { url } = await inspect(await pool());
  const post = (origin: string) =>
    ask(url, '/open', {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ link: url }).toString(),
    });
  expect((await post(new URL(url).origin)).status).toBe(303);
  expect((await post('http://evil.example')).status).toBe(403);
  expect((await post('null')).status).toBe(403);
});

test.each(['', '=', ';;;', 'x='.repeat(3_000), '\u00ff=1'])('a malformed cookie opens nothing', async (cookie) => {
  const { url } = await inspect(await pool());
  expect((await ask(url, '/api/session', { headers: { cookie } })).status).toBe(401);
});

describe('allowedHosts', () => {
  test.each([
    ['box.example', 'BOX.example:8443', 'https://box.example:8443', 200],
    ['box.example:443', 'box.example', 'https://box.example', 200],
    ['box.example:443', 'box.example', 'http://box.example', 403],
    ['box.example:8443', 'box.example:8444', undefined, 421],
    ['box.example', 'box.example.evil.example', undefined, 421],
    ['[::ffff]:8443', '[0:0:0:0:0:0:0:ffff]:8443', undefined, 200],
  ] as const)('%s: %s with Origin %s', async (allowed, host, origin, status) => {
    const { url } = await inspect(await pool(), { allowedHosts: [allowed] });
    const headers = { ...bearer(url), host, ...(origin && { origin }) };
    expect((await ask(url, '/api/session', { headers })).status).toBe(status);
  });

  test.each(['*', '*.example', 'http://box.example', 'box.example/', 'box.example:0', 'box:70000', '', 'a b'])(
    '%j is refused as an option',
    async (name) => {
      await expect(inspect(await pool(), { allowedHosts: [name] })).rejects.toThrow('a host name with or without');
    },
  );
});
