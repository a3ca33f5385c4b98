import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../../src/inspector/feed/records.js';
import { ask, bearer, tokenOf, useInspectors, watch } from '../../../support/inspectors.js';

const { pool, inspect } = useInspectors();

const paths = ['/', '/page.js', '/page.css', '/api/events', '/api/snapshot.json', '/api/cis.csv', '/api/record.ndjson'];

describe('who has access', () => {
  test.each(paths)('%s is refused without the token, and with a wrong one', async (path) => {
    const { url } = await inspect(await pool());
    const token = tokenOf(url);
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${token.slice(1)}` },
      { authorization: `Bearer ${token}x` },
      { authorization: token },
      { cookie: 'choragus=1' },
      { cookie: `choragus-1=${token}` },
    ]) {
      const { status, text } = await ask(url, path, { headers: headers as Record<string, string> });
      expect([status, text]).toEqual([
        401,
        'no session: the token is missing or wrong. Open the URL that the inspector printed.\n',
      ]);
    }
  });

  test('the token of the URL moves to a cookie that scripts cannot read, and leaves the address', async () => {
    const { url } = await inspect(await pool());
    const { status, headers } = await ask(url, `/?token=${tokenOf(url)}`);
    expect([status, headers.location]).toEqual([303, '/']);
    const cookie = headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).toContain(`choragus-${new URL(url).port}=`);
    const page = await ask(url, '/', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Choragus inspector</title>');
  });

  test('a wrong token in the URL gives no access', async () => {
    const { url } = await inspect(await pool());
    expect((await ask(url, '/?token=wrong')).status).toBe(401);
  });

  test('a token of one inspector opens no other', async () => {
    const one = await inspect(await pool());
    const other = await inspect(await pool());
    expect((await ask(one.url, '/api/cis.csv', { headers: bearer(other.url) })).status).toBe(401);
  });
});

describe('the host name', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost.evil.example', '127.0.0.1:1'])(
    'a request for %s is refused, even with the token: a foreign name may resolve to this address',
    async (host) => {
      const { url } = await inspect(await pool());
      const { status } = await ask(url, '/api/cis.csv', { headers: { ...bearer(url), host } });
      expect(status).toBe(421);
    },
  );

  test.each(['localhost', '127.0.0.1', '[::1]'])('%s is a valid name', async (name) => {
    const { url } = await inspect(await pool());
    const host = `${name}:${new URL(url).port}`;
    expect((await ask(url, '/api/cis.csv', { headers: { ...bearer(url), host } })).status).toBe(200);
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://localhost:1'])(
    'a page of %s is refused',
    async (origin) => {
      const { url } = await inspect(await pool());
      expect((await ask(url, '/api/cis.csv', { headers: { ...bearer(url), origin } })).status).toBe(403);
    },
  );
});

describe('the headers of every answer', () => {
  test.each(['/', '/api/cis.csv', '/nowhere'])('%s', async (path) => {
    const { url } = await inspect(await pool());
    for (const headers of [{}, bearer(url)]) {
      const answer = await ask(url, path, { headers });
      expect(answer.headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      expect(answer.headers['content-security-policy']).not.toContain('unsafe');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['referrer-policy']).toBe('no-referrer');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['x-frame-options']).toBe('DENY');
    }
  });
});

describe('an action', () => {
  const act = async (
    options: { readonly actions?: boolean },
    headersOf: (url: string, csrf: string) => Record<string, string> | Promise<Record<string, string>>,
    body: unknown = { do: 'ping', connection: 'apollo#1' },
  ) => {
    const watched = await pool();
    await watched.warm();
    const { url } = await inspect(watched, options);
    const watching = await watch(url);
    const { csrf = '' } = (await watching.told(({ t }) => t === 'hello')) as Hello;
    const headers = { 'content-type': 'application/json', ...(await headersOf(url, csrf)) };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask(url, '/api/action', { method: 'POST', headers, body: text });
  };
  const right = (url: string, csrf: string) => ({ ...bearer(url), 'x-choragus-csrf': csrf });

  test('works with the token of the URL and the one of the session', async () => {
    expect((await act({ actions: true }, right)).status).toBe(200);
  });

  test('is off by default', async () => {
    expect((await act({}, right)).status).toBe(403);
  });

  test.each([
    ['no token of the session', (url: string) => bearer(url)],
    ['a wrong one', (url: string) => ({ ...bearer(url), 'x-choragus-csrf': 'wrong' })],
    [
      'a cookie and no Origin',
      async (url: string, csrf: string) => ({
        cookie: (await ask(url, `/?token=${tokenOf(url)}`)).headers['set-cookie']?.[0]?.split(';')[0] ?? '',
        'x-choragus-csrf': csrf,
      }),
    ],
    ['a foreign Origin', (url: string, csrf: string) => ({ ...right(url, csrf), origin: 'http://evil.example' })],
  ])('is refused with %s', async (_name, headersOf) => {
    expect((await act({ actions: true }, headersOf)).status).toBe(403);
  });

  test.each([
    ['no JSON', 'ping'],
    ['no object', '[1]'],
    ['nothing known', { do: 'explode', connection: 'apollo#1' }],
    ['a name that is no text', { do: 'ping', connection: 7 }],
  ])('a body with %s is refused', async (_name, body) => {
    expect((await act({ actions: true }, right, body)).status).toBe(400);
  });

  test.each([20_000, 5_000_000])('a body of %i bytes is read to its end, and refused', async (length) => {
    const body = { do: 'ping', connection: 'x'.repeat(length) };
    expect(await act({ actions: true }, right, body)).toMatchObject({
      status: 413,
      text: 'The body is too large: send at most 16 KiB.\n',
    });
  });

  test('an unknown name is reported', async () => {
    expect((await act({ actions: true }, right, { do: 'ping', connection: 'nobody#1' })).status).toBe(404);
  });
});

test.each([
  [{ port: -1 }, 'startInspector: port is -1: use a whole number from 0 to 65535'],
  [{ token: 'short' }, 'token is a value: use at least 16 letters'],
  [{ actions: 'yes' }, 'actions is "yes": use true or false'],
  [{ prot: 1 }, 'prot is not an option'],
  [{ prototype: 1 }, 'prototype is not an option'],
  [7, 'options is 7: use an object'],
])('rejects bad options: %j', async (options, message) => {
  await expect(inspect(await pool(), options as never)).rejects.toThrow(message);
});

test.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'POST'])('%s of a page is refused', async (method) => {
  const { url } = await inspect(await pool());
  const { status, headers } = await ask(url, '/', { method, headers: bearer(url) });
  expect([status, headers.allow]).toEqual([405, 'GET']);
});

test.each(['/api/trace', '/api/action'])('%s cannot be read with GET', async (path) => {
  const { url } = await inspect(await pool());
  const { status, headers } = await ask(url, path, { headers: bearer(url) });
  expect([status, headers.allow]).toEqual([405, 'POST']);
});
