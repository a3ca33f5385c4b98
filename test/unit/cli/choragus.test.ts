import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectionMachine, orderingMachine, poolMachine } from '../../../machines/index.js';
import { chartOf } from '../../../src/inspector/chart/chart-of.js';
import { mermaidOf } from '../../../src/inspector/chart/mermaid-of.js';
import { CapturedOutput } from '../../support/captured-output.js';
import { useCommand } from '../../support/command-rig.js';
import { ask, watch } from '../../support/inspectors.js';
import { until } from '../../support/stage.js';

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
  // The folder is removed after each test.
  beforeEach(() => void mkdirSync(command.folder, { recursive: true }));

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

  test('shows what a module leaves of events and contexts', async () => {
    writeFileSync(
      join(command.folder, 'redact.mjs'),
      "export default (value, path) => (path.at(-1) === 'email' ? '[email]' : value);",
    );
    const stdout = new CapturedOutput();
    const cancelling = new AbortController();
    const argv = ['inspect', '--json', '--redact', 'redact.mjs'];
    const ended = command.run(argv, { stdout, signal: cancelling.signal });
    await until(() => stdout.text.includes('wsUrl'));
    const { url, wsUrl } = JSON.parse(stdout.text) as { url: string; wsUrl: string };
    const program = new WebSocket(wsUrl);
    await once(program, 'open');
    const context = { email: 'ada@shop.example', name: 'Ada', password: 'hunter2' };
    program.send(JSON.stringify({ type: '@xstate.actor', sessionId: 'x:0', name: 'shop', snapshot: { context } }));
    const watching = await watch(url);
    const actor = await watching.told(({ t }) => t === 'actor');
    expect(actor).toMatchObject({ context: { email: '[email]', name: 'Ada', password: '[redacted]' } });
    watching.leave();
    program.terminate();
    cancelling.abort('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('rejects a module without a function', async () => {
    writeFileSync(join(command.folder, 'nothing.mjs'), 'export const redact = () => undefined;');
    const { code, err } = await run('inspect', '--redact', 'nothing.mjs');
    expect([code, err]).toEqual([2, expect.stringContaining('export a function from a value and its path')]);
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
