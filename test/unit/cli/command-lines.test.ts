import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCommand } from '../../support/command-rig.js';

const { run, ci, folder } = useCommand();

const good = ['--ci', 'apollo=tcp://127.0.0.1:1'];

/** Runs a wrong command line in both forms: the text and the JSON message must name the fault. */
async function expectWrong(argv: readonly string[], why: string, env: Record<string, string> = {}): Promise<void> {
  const text = await run(argv, { env });
  expect([text.code, text.out, text.err]).toEqual([2, '', expect.stringContaining(why)]);
  const json = await run([...argv, '--json'], { env });
  expect([json.code, json.out]).toEqual([2, '']);
  expect(json.err).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(json.err)).toEqual({ ok: false, error: { code: 'usage', message: expect.stringContaining(why) } });
}

describe('an error names the bad part of an address', () => {
  test.each([
    ['a', '--ci a has no =: use name=url'],
    ['a=', '--ci a= has no url after the =: use name=url'],
    ['=tcp://x', '--ci =tcp://x has no name before the =: use name=url'],
    ['tcp://user:secret@host:1', '--ci has no =: use name=url'],
    ['a b=tcp://h:1', 'the CI name is "a b": use letters'],
    ['a=tcp://h', 'CI "a": its address is bad: the port is missing: use tcp://host:port'],
    ['a=tcp://h:', 'the port is missing'],
    ['a=tcp://:1', 'the host is missing: use tcp://host:port'],
    ['a=tcp://', 'the host is missing'],
    ['a=tcp:h:1', '// is missing after tcp:'],
    ['a=tcp://h:0', 'port 0 is out of range: use 1 to 65535'],
    ['a=tcp://h:70000', 'port 70000 is out of range: use 1 to 65535'],
    ['a=tls://h:4501x', 'port "4501x" is not a number: use 1 to 65535'],
    ['a=tcp://h:1/path', '"/path" is not allowed after the host: use tcp://host:port'],
    ['a=tcp://[::1:45012', 'is not a host name or an address (IPv6 in brackets)'],
    ['a=tcp://me:secret@h:1', 'it contains credentials: use tcp://host:port'],
    ['a=localhost:45012', 'the scheme is missing: use tcp://localhost:45012'],
    ['a=localhost', 'the scheme is missing: use one of tcp:, tls:'],
    ['a=TCP://h:1', 'the scheme "TCP:" is unknown: use tcp:'],
    ['a=http://%zz', 'the scheme "http:" is unknown: use one of tcp:, tls:'],
    ['a=unix:run/ci.sock', 'its url must be unix: and an absolute path'],
    ['a=ws://h:70000/', 'port 70000 is out of range: use 1 to 65535'],
    ['a=ws://%zz/', 'the host "%zz" is not a host name'],
    ['a=wss://h /x', 'it contains white space: use wss://host[:port][/path]'],
    ['a=ollama://h', 'the model is missing: use ollama://host[:port]/model'],
    ['a=ollama:///m', 'the host is missing: use ollama://host[:port]/model'],
    ['a=ollama://h:99999/m', 'port 99999 is out of range: use 1 to 65535'],
    ['a=ollama://h/foo%', 'its url contains "%": write a % that begins no escape as %25'],
    ['a=openai+http://h/m?colour=red', 'its url has the unknown parameter "colour"'],
  ])('--ci %s', async (text, why) => {
    await expectWrong(['ping', '--ci', text], why);
    expect((await run(['ping', '--ci', text])).err).not.toContain('secret');
  });

  test('in a file, each under its name, beside other errors', async () => {
    mkdirSync(folder, { recursive: true });
    const cis = { a: 'tcp://h', b: 'tcp://h:1', c: { url: 'ws://h:0/' }, d: { url: 'tcp://h:1', colour: 1 } };
    writeFileSync(join(folder, 'choragus.json'), JSON.stringify({ cis }));
    const { err } = await run(['ping']);
    expect(err).toContain('CI "a": its address is bad: the port is missing: use tcp://host:port; ');
    expect(err).toContain('CI "c": its address is bad: port 0 is out of range: use 1 to 65535; ');
    expect(err).toContain('CI "d": colour is not an option');
    expect(err).not.toContain('CI "b"');
  });

  test('of --ask', () => expectWrong(['serve', '--ask', 'tcp://h:70000'], '--ask: its address is bad: port 70000 is'));
});

describe('a wrong command line gets an error that explains it', () => {
  test.each([
    [[], 'the command is missing'],
    [['--colour', 'ask'], 'the command is missing: write it before --colour'],
    [['explode'], '"explode" is not a command'],
    [['constructor'], '"constructor" is not a command'],
    [['ask'], 'ci is missing'],
    [['ask', 'apollo', ...good], 'message is missing'],
    [['ask', 'apollo', 'two', 'words', ...good], '"words" is one word too many: put the message in quotes'],
    [['ask', 'apollo', '', ...good], 'the message is empty'],
    [['ask', 'athena', 'hello', ...good], 'there is no CI "athena": use apollo'],
    [['stream', 'athena', 'hello', ...good], 'there is no CI "athena": use apollo'],
    [['ping', 'athena', ...good], 'there is no CI "athena": use apollo'],
    [['team', 'hello', '--to', 'apollo,,', ...good], 'there is no CI "": use apollo'],
    [['team', 'hello', ...good, ...good], '--ci names "apollo" twice'],
    [['team', 'hello', '--timeout', '0', ...good], '--timeout is "0": use seconds from 0.001 to 86400'],
    [['team', 'hello', '--timeout', '-1', ...good], "Option '--timeout' argument is ambiguous"],
    [['status', 'apollo', ...good], '"apollo" is one word too many'],
    [['status', '--colour', ...good], "Unknown option '--colour'"],
    [['status', '--watch=yes', ...good], "Option '--watch' does not take an argument"],
    [['proxy', '--listen', 'apollo', ...good], '--listen is "apollo": use name=port'],
    [['proxy', '--listen', 'apollo=0', '--listen', 'apollo=1', ...good], '--listen names "apollo" twice'],
    [['proxy', '--listen', 'apollo=70000', ...good], '--listen apollo is "70000": use a whole number from 0 to 65535'],
    [['serve', '--port', 'x'], '--port is "x": use a whole number from 0 to 65535'],
    [['serve', 'a.js', 'b.js'], '"b.js" is one word too many'],
    [['serve', 'none.js'], 'there is no file'],
    [['inspect', '--port', '70000'], '--port is "70000": use'],
    [['inspect', '--redact', 'none.js'], 'there is no file'],
    [['inspect', '--allow-host', 'http://box.example'], '--allow-host is "http://box.example": use a host name with'],
    [['inspect', '--allow-host', 'box.example', '--allow-host', ''], '--allow-host is "": use a host name with'],
    [['inspect', 'now'], '"now" is one word too many'],
    [['machines', '--format', 'svg'], '--format is "svg": use mermaid or json'],
    [['machines', '--machine', 'door'], '--machine is "door": use connection, ordering or pool'],
  ])('%j', async (argv, why) => {
    await expectWrong(argv, why);
  });

  test('a wrong environment, too', async () => {
    await expectWrong(['ping'], 'APOLLO_PORT="eighty": use a whole number', { APOLLO_PORT: 'eighty' });
    await expectWrong(['proxy', ...good], 'APOLLO_PORT="eighty"', { APOLLO_PORT: 'eighty' });
  });
});

describe('a file', () => {
  const write = (name: string, bytes: string | Buffer): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };

  test('may begin with a byte order mark', async () => {
    const { url } = await ci();
    write('choragus.json', `\ufeff${JSON.stringify({ cis: { apollo: url } })}`);
    expect(await run(['ask', 'apollo', 'hello'])).toMatchObject({ code: 0, out: 'You said: hello\n' });
    write('ports.json', '\ufeff{"numa": 0}');
    await expectWrong(['proxy', '--map', 'ports.json'], 'the pool has no CI "numa"');
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeff{"cis":{}}', 'utf16le'), 'is UTF-16: save it as UTF-8'],
    ['other bytes', Buffer.from([0x7b, 0xff, 0x7d]), 'is not UTF-8'],
    ['an object that is cut', '{"cis":', 'is not JSON'],
    ['a list', '[]', 'does not contain a JSON object'],
    ['nothing', '', 'is not JSON'],
    ['no CI', '{"cis":{}}', 'No CI is configured'],
    ['a list of CIs', '{"cis":["tcp://h:1"]}', 'cis'],
  ])('rejects a file %s, by name', async (_, bytes, why) => {
    write('cis.json', bytes);
    await expectWrong(['ping', '--config', 'cis.json'], why);
  });

  test.each(['ping', 'proxy'])('%s names a missing file', async (command) => {
    const option = command === 'ping' ? '--config' : '--map';
    mkdirSync(folder, { recursive: true });
    await expectWrong([command, option, 'none.json', ...good], 'none.json cannot be read (ENOENT)');
    await expectWrong([command, option, '.', ...good], 'cannot be read (EISDIR)');
  });
});

test('a later failure is JSON on stderr, too, with its own code', async () => {
  const served = await ci();
  const argv = ['serve', '--port', String(served.port)];
  const text = await run(argv);
  const why = `cannot listen on 127.0.0.1:${served.port}: the address is in use (EADDRINUSE)`;
  expect([text.code, text.out, text.err]).toEqual([1, '', `${why}\n`]);
  const json = await run([...argv, '--json']);
  expect([json.code, json.out]).toEqual([1, '']);
  expect(JSON.parse(json.err)).toEqual({ ok: false, error: { code: 'unavailable', message: why } });
});
