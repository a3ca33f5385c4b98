import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../src/inspector/feed/records.js';
import { ask, bearer, tokenOf, useInspectors, watch } from '../../support/inspectors.js';

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

describe('an open event stream', () => {
  test('closes when its session ends, and the streams of others go on', async () => {
    const { url } = await inspect(await pool());
    const [cookie, other] = [await enter(url), await enter(url)];
    const [ending, staying] = [await watch(url, { cookie }), await watch(url, { cookie: other })];
    const headers = { ...json, cookie, origin: new URL(url).origin };
    await ask(url, '/api/session', { method: 'POST', headers, body: '{"end":true}' });
    await ending.closed;
    await staying.told(({ t }) => t === 'ready');
    expect(staying.response.destroyed).toBe(false);
    staying.leave();
  });

  test('closes with endSessions', async () => {
    const inspector = await inspect(await pool());
    const watching = await watch(inspector.url, { cookie: await enter(inspector.url) });
    inspector.endSessions();
    await watching.closed;
  });

  test.each([
    ['readOnlyUrl', false],
    ['url', true],
  ] as const)('of a session of %s says whether it may act: %s', async (link, actions) => {
    const inspector = await inspect(await pool(), { actions: true });
    const watching = await watch(inspector.url, { cookie: await enter(inspector[link]) });
    expect(await watching.told(({ t }) => t === 'hello')).toMatchObject({ may: { actions } satisfies Hello['may'] });
    watching.leave();
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

test('of 110 sessions the latest 100 remain', async () => {
  const { url } = await inspect(await pool());
  const cookies: string[] = [];
  for (let count = 0; count < 110; count += 1) cookies.push(await enter(url));
  const status = async (cookie = ''): Promise<number> =>
    (await ask(url, '/api/session', { headers: { cookie } })).status;
  expect([await status(cookies[9]), await status(cookies[10]), await status(cookies[109])]).toEqual([401, 200, 200]);
}, 30_000);

test('a link from another site shows a button and no data', async () => {
  const { url } = await inspect(await pool(['secret-ci']));
  const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' };
  const { status, text } = await ask(url, '/', { headers });
  expect(status).toBe(401);
  expect(text).toContain('<a id="open" href="/">Open the inspector</a>');
  expect(text).not.toContain('secret-ci');
});

describe('the form', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (url: string, headers: Record<string, string>, link = url) =>
    ask(url, '/open', { method: 'POST', headers, body: new URLSearchParams({ link }).toString() });

  test('takes the link of the service or its token, and only from its own page', async () => {
    const { url } = await inspect(await pool());
    const { origin } = new URL(url);
    expect((await post(url, { ...form, origin })).status).toBe(303);
    expect((await post(url, { ...form, origin }, ` ${tokenOf(url)}\n`)).status).toBe(303);
    expect((await post(url, { ...form, origin: 'http://evil.example' })).status).toBe(403);
    expect((await post(url, { ...form, origin: 'null' })).status).toBe(403);
    expect((await post(url, form)).status).toBe(403);
  });

  test.each([
    'text/plain',
    'application/json',
    'multipart/form-data; boundary=x',
    'x-application/x-www-form-urlencoded',
  ])('is refused as %s', async (type) => {
    const { url } = await inspect(await pool());
    const answer = await post(url, { 'content-type': type, origin: new URL(url).origin });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([415, undefined]);
  });

  test.each([20_000, 5_000_000])('of %i bytes is read to its end, and refused', async (length) => {
    const { url } = await inspect(await pool());
    const answer = await post(url, { ...form, origin: new URL(url).origin }, `${url}${'x'.repeat(length)}`);
    expect([answer.status, answer.text]).toEqual([413, 'The body is too large: send at most 16 KiB.\n']);
  });

  test('sends a browser to the page if its address is opened, and refuses other methods', async () => {
    const { url } = await inspect(await pool());
    expect(await ask(url, '/open')).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(await ask(url, '/open', { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
  });
});

describe('a wrong token', () => {
  const browser = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none', accept: 'text/html,*/*;q=0.8' };
  const fault = '<p id="fault" role="alert">This token is wrong.';
  const ask401 = (url: string, headers: Record<string, string>) => ask(url, '/?token=<b>wrong', { headers });

  test.each([browser, { accept: 'text/html' }])('shows a browser the fault and the form: %j', async (headers) => {
    const { url } = await inspect(await pool());
    const { status, text, headers: given } = await ask401(url, headers);
    expect([status, given['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    expect(text).toContain(fault);
    expect(text).toContain('<form method="post" action="/open"');
    expect(text).not.toContain('wrong<');
    expect(text).not.toContain('<b>');
    expect(given['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(given['content-security-policy']).not.toContain('script-src');
  });

  test('in the form shows the same', async () => {
    const { url } = await inspect(await pool());
    const headers = { ...browser, 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin };
    const { status, text } = await ask(url, '/open', { method: 'POST', headers, body: 'link=wrong' });
    expect([status, text]).toEqual([401, expect.stringContaining(fault)]);
  });

  test('beside a session shows the way to the page', async () => {
    const { url } = await inspect(await pool());
    const { text } = await ask401(url, { ...browser, cookie: await enter(url) });
    expect(text).toContain('<a id="open" href="/">');
    expect(text).not.toContain('no session');
  });

  test('after many others is refused with the reason', async () => {
    const { url } = await inspect(await pool());
    for (let count = 0; count < 20; count += 1) await ask401(url, {});
    const { status, text } = await ask401(url, browser);
    expect([status, text]).toEqual([429, expect.stringContaining('Too many wrong tokens: wait for a minute.')]);
  });

  test.each([{}, { accept: '*/*' }, { 'sec-fetch-mode': 'cors', accept: 'text/html' }])(
    'is told to a script as text: %j',
    async (headers) => {
      const { url } = await inspect(await pool());
      const { status, text, headers: given } = await ask401(url, headers as Record<string, string>);
      expect([status, given['content-type']]).toEqual([401, 'text/plain; charset=utf-8']);
      expect(text).toMatch(/^no session: /);
    },
  );
});

test.each([
  [{ 'x-forwarded-proto': 'https' }, true],
  [{ 'x-forwarded-proto': 'http' }, false],
  [{}, false],
])('behind a proxy with %j, the cookie is Secure: %s', async (forwarded, secure) => {
  const { url } = await inspect(await pool(), { allowedHosts: ['box.example'] });
  const headers = { ...forwarded, host: 'box.example' } as Record<string, string>;
  const { headers: given } = await ask(url, `/?token=${tokenOf(url)}`, { headers });
  expect(given['set-cookie']?.[0]?.endsWith('; Secure')).toBe(secure);
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
