import { describe, expect, test } from 'vitest';
import { connectionMachine, orderingMachine, poolMachine } from '../../../machines/index.js';
import { chartOf } from '../../../src/inspector/chart/chart-of.js';
import { mermaidOf } from '../../../src/inspector/chart/mermaid-of.js';
import { CapturedOutput } from '../../support/captured-output.js';
import { useCommand } from '../../support/command-rig.js';
import { ask } from '../../support/inspectors.js';

const command = useCommand();
const run = (...argv: string[]) => command.run(argv, { signal: AbortSignal.abort() });

describe('choragus', () => {
  test('lists the commands if none is given', async () => {
    const { code, out, err } = await run();
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('the command is missing');
    const { out: help } = await run('--help');
    expect(err).toContain(help);
    expect(await run('--help')).toEqual({ code: 0, out: help, err: '' });
    for (const name of ['ask', 'inspect', 'Exit codes']) expect(help).toContain(name);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(95);
  });

  test('rejects an unknown command', async () => {
    const { code, err } = await run('explode');
    expect(code).toBe(2);
    expect(err).toContain('"explode" is not a command');
  });

  test.each(['ask', 'stream', 'team', 'status', 'ping', 'proxy', 'serve', 'inspect', 'machines'])(
    '%s --help',
    async (command) => {
      const { code, out } = await run(command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`Usage: choragus ${command}`);
      expect(out).toMatch(/Examples?:/);
    },
  );

  test('--version', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('choragus machines', () => {
  test('as Mermaid', async () => {
    expect((await run('machines', '--machine', 'pool')).out).toBe(`${mermaidOf(chartOf(poolMachine))}\n`);
  });

  test('as JSON, all', async () => {
    const { out } = await run('machines', '--format', 'json');
    const charts = {
      connection: chartOf(connectionMachine),
      ordering: chartOf(orderingMachine),
      pool: chartOf(poolMachine),
    };
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(charts)));
  });

  test.each([
    [['--format', 'svg'], '--format is "svg": use mermaid or json'],
    [['--machine', 'door'], '--machine is "door": use connection, ordering or pool'],
    [['--colour'], "Unknown option '--colour'"],
  ])('rejects %j', async (argv, message) => {
    const { code, out, err } = await run('machines', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain('Usage: choragus machines');
  });
});

describe('choragus inspect', () => {
  const started = async (...argv: string[]) => {
    const stdout = new CapturedOutput();
    const cancelling = new AbortController();
    const ended = command.run(['inspect', ...argv], { stdout, signal: cancelling.signal });
    while (!stdout.text.includes('Programs')) await new Promise((resolve) => setImmediate(resolve));
    const url = /http:\S+/.exec(stdout.text)?.[0] ?? '';
    const end = async (): Promise<number> => {
      cancelling.abort('SIGINT');
      return (await ended).code;
    };
    return { url, text: stdout.text, end };
  };

  test('prints the URLs of the page and for programs, serves the page, and ends on request', async () => {
    const { url, text, end } = await started();
    expect((await ask(url, new URL(url).pathname + new URL(url).search)).status).toBe(303);
    expect(text).toContain(`createWebSocketInspector({ url: 'ws://127.0.0.1:${new URL(url).port}/' })`);
    expect(await end()).toBe(130);
    await expect(ask(url, '/')).rejects.toThrow('ECONNREFUSED');
  });

  test('serves the page under each name of --allow-host, and under no other', async () => {
    const { url, end } = await started('--allow-host', 'box.example:443', '--allow-host', 'other.example');
    const statusOf = async (host: string): Promise<number> =>
      (await ask(url, new URL(url).pathname + new URL(url).search, { headers: { host } })).status;
    expect([
      await statusOf('box.example'),
      await statusOf('other.example:8443'),
      await statusOf('evil.example'),
    ]).toEqual([303, 303, 421]);
    await end();
  });

  test('rejects a bad port', async () => {
    expect((await run('inspect', '--port', '70000')).code).toBe(2);
  });
});
