import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CapturedOutput } from '../../support/captured-output.js';
import { jsonLines, useCommand } from '../../support/command-rig.js';
import { until } from '../../support/stage.js';

const { run, ci, folder } = useCommand();

const dead = 'tcp://127.0.0.1:1';

describe('choragus ask', () => {
  test('prints the answer', async () => {
    const { url } = await ci();
    expect(await run(['ask', 'apollo', 'hello', '--ci', `apollo=${url}`])).toEqual({
      code: 0,
      out: 'You said: hello\n',
      err: '',
    });
  });

  test('takes the message from stdin', async () => {
    const { url } = await ci();
    const { out } = await run(['ask', 'apollo', '-', '--ci', `apollo=${url}`], { stdin: 'from a pipe' });
    expect(out).toBe('You said: from a pipe\n');
  });

  test('as JSON, with its times', async () => {
    const { url } = await ci();
    const { out } = await run(['ask', 'apollo', 'hello', '--json', '--ci', `apollo=${url}`]);
    expect(jsonLines(out)).toMatchObject([
      { ci: 'apollo', ok: true, content: 'You said: hello', reused: false, timings: { totalMs: expect.any(Number) } },
    ]);
  });

  test('of a CI that is down: exit code 1, and the reason on stderr', async () => {
    const { code, out, err } = await run(['ask', 'apollo', 'hello', '--ci', `apollo=${dead}`]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('apollo: is down (nothing listens there); was not sent\n');
    const asJson = await run(['ask', 'apollo', 'hello', '--json', '--ci', `apollo=${dead}`]);
    expect(jsonLines(asJson.out)).toMatchObject([
      { ci: 'apollo', ok: false, error: { code: 'unavailable', delivery: 'not_sent' } },
    ]);
  });

  test('uses the timeout of the file, unless the command line has one', async () => {
    const { url } = await ci({ handler: () => new Promise(() => {}) });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'choragus.json'), JSON.stringify({ cis: { apollo: url }, requestTimeoutMs: 50 }));
    const { code, err } = await run(['ask', 'apollo', 'hello']);
    expect([code, err]).toEqual([1, 'apollo: no answer within 0.05 s; may have been read\n']);
  });

  test('an answer cannot control the terminal; a pipe gets it unchanged', async () => {
    const { url } = await ci({ handler: () => '\u001b[2Jgone' });
    const argv = ['ask', 'apollo', 'hello', '--ci', `apollo=${url}`];
    expect((await run(argv, { stdout: new CapturedOutput('terminal') })).out).toBe(' [2Jgone\n');
    expect((await run(argv)).out).toBe('\u001b[2Jgone\n');
  });

  test.each([
    [[], 'ci is missing'],
    [['apollo'], 'message is missing'],
    [['apollo', 'two', 'words'], '"words" is one word too many'],
    [['apollo', ' '], 'the message is empty'],
    [['apollo', 'hello', '--timeout', 'soon'], '--timeout is "soon": use seconds'],
    [['apollo', 'hello', '--config', 'none.json'], 'none.json cannot be read (ENOENT)'],
  ])('rejects %j with a message', async (argv, why) => {
    const { code, out, err } = await run(['ask', ...argv]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(why);
    expect(err).toContain('Usage: choragus ask');
  });

  test('a message that begins with a dash goes after --', async () => {
    const { url } = await ci();
    const { out } = await run(['ask', '--ci', `apollo=${url}`, '--', 'apollo', '--help']);
    expect(out).toBe('You said: --help\n');
  });
});

describe('the source of the CIs', () => {
  test('none: says what to do, and offers --demo', async () => {
    const { code, err } = await run(['team', 'hello']);
    expect(code).toBe(2);
    expect(err).toContain('--ci apollo=tcp://localhost:45012');
    expect(err).toContain('choragus.json');
    expect(err).toContain('--demo');
  });

  test('a file, to which --ci adds', async () => {
    const { url } = await ci();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'choragus.json'), JSON.stringify({ $schema: 'x', cis: { apollo: { url } } }));
    expect((await run(['ask', 'apollo', 'hello'])).out).toBe('You said: hello\n');
    writeFileSync(join(folder, 'other.json'), JSON.stringify({ cis: {}, maxConnections: 1 }));
    const added = await run(['ask', 'athena', 'hello', '--config', 'other.json', '--ci', `athena=${url}`]);
    expect(added.out).toBe('You said: hello\n');
    for (const [text, why] of [
      ['nonsense', 'is not JSON'],
      ['[]', 'does not contain a JSON object'],
      ['{"cis":{},"colour":1}', 'colour is not an option'],
    ] as const) {
      writeFileSync(join(folder, 'choragus.json'), text);
      const { code, err } = await run(['ask', 'apollo', 'hello']);
      expect([code, err]).toEqual([2, expect.stringContaining(why)]);
    }
  });

  test('the environment', async () => {
    const { port } = await ci();
    const env = { TEKTON_AI_PORT_BASE: String(port - 12) };
    expect((await run(['ask', 'apollo', 'hello'], { env })).out).toBe('You said: hello\n');
    const { code, err } = await run(['ask', 'apollo', 'hello'], { env: { APOLLO_PORT: 'x' } });
    expect([code, err]).toEqual([2, expect.stringContaining('APOLLO_PORT')]);
  });

  test('its own demo chorus, which ends with the command', async () => {
    const { url } = await ci();
    let isClosed = false;
    const openChorus = async () => ({
      cis: { apollo: url },
      close: async () => {
        isClosed = true;
      },
    });
    expect((await run(['ask', 'apollo', 'hello', '--demo'], { openChorus })).out).toBe('You said: hello\n');
    expect(isClosed).toBe(true);
  });
});

describe('choragus stream', () => {
  const words = async function* () {
    yield 'one ';
    yield 'two';
  };

  test('prints the pieces, and ends with a line end', async () => {
    const { url } = await ci({ handler: words });
    const { code, out } = await run(['stream', 'apollo', 'count', '--ci', `apollo=${url}`]);
    expect([code, out]).toEqual([0, 'one two\n']);
  });

  test('as JSON: a line for each piece, and one for the end', async () => {
    const { url } = await ci({ handler: words });
    const { out } = await run(['stream', 'apollo', 'count', '--json', '--ci', `apollo=${url}`]);
    expect(jsonLines(out)).toMatchObject([
      { ci: 'apollo', index: 0, content: 'one ' },
      { ci: 'apollo', index: 1, content: 'two' },
      { ci: 'apollo', ok: true, metadata: { chunks: 2 } },
    ]);
  });

  test('cut off: prints the pieces so far, and exits with 1', async () => {
    const { url } = await ci({
      async *handler() {
        yield 'one ';
        throw new Error('no more');
      },
    });
    const { code, out, err } = await run(['stream', 'apollo', 'count', '--ci', `apollo=${url}`]);
    expect([code, out]).toEqual([1, 'one \n']);
    expect(err).toBe('apollo: answered with an error: no more; was answered\n');
  });

  test('cancelled by Ctrl-C: 130', async () => {
    const cancelling = new AbortController();
    let isStopped = false;
    const { url } = await ci({
      async *handler() {
        try {
          yield 'one';
          await new Promise((resolve) => setTimeout(resolve, 20));
          yield 'two';
        } finally {
          isStopped = true;
        }
      },
    });
    const stdout = new CapturedOutput('pipe', undefined, () => cancelling.abort('SIGINT'));
    const { code } = await run(['stream', 'apollo', 'count', '--ci', `apollo=${url}`], {
      stdout,
      signal: cancelling.signal,
    });
    expect(code).toBe(130);
    while (!isStopped) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('choragus team', () => {
  test('all answer: 0; some, or none: 1', async () => {
    const { url } = await ci();
    const team = (...cis: string[]) => run(['team', 'hello', ...cis.flatMap((one) => ['--ci', one])]);
    const all = await team(`apollo=${url}`, `athena=${url}`);
    expect(all.code).toBe(0);
    expect(all.out).toContain('2 of 2 answered');
    expect((await team(`apollo=${url}`, `athena=${dead}`)).code).toBe(1);
    expect((await team(`athena=${dead}`)).code).toBe(1);
  });

  test('only the named CIs, as JSON', async () => {
    const { url } = await ci();
    const cis = ['apollo', 'athena', 'hermes'].flatMap((name) => ['--ci', `${name}=${url}`]);
    const { code: done, out } = await run(['team', 'hello', '--to', 'apollo, hermes', '--json', ...cis]);
    const answers = jsonLines(out).map(({ ci: name, ok, content }) => [name, ok, content]);
    expect(answers.sort()).toEqual([
      ['apollo', true, 'You said: hello'],
      ['hermes', true, 'You said: hello'],
    ]);
    expect(done).toBe(0);
    const { code, err } = await run(['team', 'hello', '--to', 'numa', ...cis]);
    expect([code, err]).toEqual([2, expect.stringContaining('there is no CI "numa"')]);
  });
});

describe('choragus ping', () => {
  test('of all CIs, or of the named ones', async () => {
    const { url } = await ci();
    const cis = ['--ci', `apollo=${url}`, '--ci', `athena=${dead}`];
    const all = await run(['ping', ...cis]);
    expect(all.code).toBe(1);
    expect(all.out).toMatch(/apollo: answered in \d+\.\d{3} s, connected in \d+\.\d{3} s/);
    expect(all.out).toContain('athena: is down');
    const one = await run(['ping', 'apollo', '--json', ...cis]);
    expect(one.code).toBe(0);
    expect(jsonLines(one.out)).toMatchObject([{ ci: 'apollo', ok: true, type: 'pong' }]);
    expect((await run(['ping', 'numa', ...cis])).code).toBe(2);
  });
});

describe('choragus status', () => {
  test('of all, once', async () => {
    const { url } = await ci();
    const cis = ['--ci', `apollo=${url}`, '--ci', `athena=${dead}`];
    const { code, out } = await run(['status', ...cis]);
    expect(code).toBe(1);
    expect(out).toMatch(/apollo +healthy +tcp:\/\/127\.0\.0\.1:\d+ +connected in/);
    expect(out).toMatch(/athena +reconnecting|athena +idle/);
    expect(out).toContain('nothing listens there');
    expect(jsonLines((await run(['status', '--json', ...cis])).out)).toMatchObject([
      {
        ci: 'apollo',
        ok: true,
        state: 'healthy',
        metrics: { choragus_ci_up: 1, choragus_connections: { healthy: 1 } },
      },
      { ci: 'athena', ok: false, lastError: { code: 'unavailable' }, metrics: { choragus_ci_up: 0 } },
    ]);
  });

  test('live, until it is ended', async () => {
    const served = await ci();
    const cancelling = new AbortController();
    let isClosing = false;
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      if (text.includes('"state":"healthy"') && !isClosing) {
        isClosing = true;
        void served.close();
      }
      if (text.includes('"to":"reconnecting"') || text.includes('"to":"idle"')) cancelling.abort('SIGINT');
    });
    const argv = ['status', '--watch', '--json', '--ci', `apollo=${served.url}`];
    const { code, out } = await run(argv, { stdout, signal: cancelling.signal });
    expect(code).toBe(130);
    expect(jsonLines(out)).toMatchObject([{ state: 'healthy' }, { from: 'healthy' }]);
  });
});

describe('choragus serve', () => {
  async function served(argv: readonly string[]) {
    const cancelling = new AbortController();
    let url = '';
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      url = /listens on (\S+)/.exec(text)?.[1] ?? '';
    });
    const ended = run(['serve', ...argv], { stdout, signal: cancelling.signal });
    await until(() => url !== '');
    return { url, ended, end: () => cancelling.abort('SIGINT') };
  }

  test('an echo', async () => {
    const { url, ended, end } = await served([]);
    expect((await run(['ask', 'echo', 'hello', '--ci', `echo=${url}`])).out).toBe('hello\n');
    end();
    expect(await ended).toMatchObject({ code: 130, out: expect.stringContaining('echo listens on tcp://127.0.0.1:') });
  });

  test('a module, on WebSocket', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'numa.mjs'), 'export default ({ content }) => content.toUpperCase();');
    const { url, ended, end } = await served(['numa.mjs', '--web-socket']);
    expect(url).toMatch(/^ws:/);
    expect((await run(['ask', 'numa', 'hello', '--ci', `numa=${url}`])).out).toBe('HELLO\n');
    end();
    expect(await ended).toMatchObject({ code: 130, out: expect.stringContaining('numa listens on') });
  });

  test('another CI, under its own name', async () => {
    const { url } = await ci();
    const { url: here, ended, end } = await served(['--ask', url, '--id', 'muse']);
    expect((await run(['ask', 'muse', 'hello', '--ci', `muse=${here}`])).out).toBe('You said: hello\n');
    end();
    expect((await ended).code).toBe(130);
  });

  test.each([
    [['--ask', 'ftp://x'], 2, '--ask: its address is bad: the scheme "ftp:" is unknown'],
    [['numa.mjs', '--ask', 'tcp://x:1'], 2, 'a module and --ask cannot be combined'],
    [['--port', '70000'], 2, '--port is "70000": use'],
    [['--path', '/tmp/x.sock', '--port', '1'], 2, 'path cannot be combined with port, host or tls'],
    [['none.mjs'], 2, 'there is no file'],
    [['--host', '203.0.113.1'], 1, 'cannot listen on'],
  ])('%j fails', async (argv, code, why) => {
    const ended = await run(['serve', ...argv]);
    expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(why)]);
  });
});

describe('choragus proxy', () => {
  async function proxied(argv: readonly string[], env = {}) {
    const cancelling = new AbortController();
    const urls: string[] = [];
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      urls.push(/clients connect to (\S+)/.exec(text)?.[1] ?? '');
    });
    const ended = run(['proxy', ...argv], { stdout, env, signal: cancelling.signal });
    await Promise.race([until(() => urls.length > 0), ended]);
    return { url: urls[0] as string, ended, end: () => cancelling.abort('SIGTERM') };
  }

  test('connects clients to a CI, until it is ended', async () => {
    const { url } = await ci();
    const proxy = await proxied(['--ci', `apollo=${url}`, '--listen', 'apollo=0']);
    expect((await run(['ask', 'apollo', 'hello', '--ci', `apollo=${proxy.url}`])).out).toBe('You said: hello\n');
    proxy.end();
    expect((await proxy.ended).code).toBe(143);
    expect((await run(['ask', 'apollo', 'hello', '--ci', `apollo=${proxy.url}`])).code).toBe(1);
  });

  test('listens by the fixed port map, or by a map in a file', async () => {
    const { url } = await ci();
    const free = await ci();
    await free.close();
    const proxy = await proxied(['--ci', `apollo=${url}`], { TEKTON_AI_PORT_BASE: String(free.port - 12) });
    expect(proxy.url).toBe(`tcp://127.0.0.1:${free.port}`);
    proxy.end();
    await proxy.ended;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'map.json'), '{"mine": 0}');
    const mapped = await proxied(['--ci', `mine=${url}`, '--map', 'map.json']);
    expect(mapped.url).toMatch(/^tcp:/);
    mapped.end();
    await mapped.ended;
  });

  test.each([
    [['--ci', `mine=${dead}`], 'mine has no port on the fixed port map'],
    [['--ci', `apollo=${dead}`, '--listen', 'apollo'], '--listen is "apollo": use name=port'],
    [['--ci', `apollo=${dead}`, '--listen', 'numa=0'], 'the pool has no CI "numa"'],
    [['--ci', 'apollo=tcp://localhost:4001', '--listen', 'apollo=4001'], 'are both 4001: use different ports'],
    [['--ci', `apollo=${dead}`, '--map', 'none.json'], 'none.json cannot be read (ENOENT)'],
  ])('rejects %j with a message', async (argv, why) => {
    const { code, err } = await run(['proxy', ...argv]);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });
});
