import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { serveCi } from '../../../src/index.js';
import { useBuiltCommand } from './built-command.js';
import { signalGroup } from './command-process.js';
import { expectClean, readJson } from './table/expect-clean.js';
import { conditions, rows } from './table/rows.js';
import { askByHand, Scene } from './table/scene.js';
import { theWords } from './table/table-ci.js';

// Runs every command as a process, against CIs that are up, down, failing and slow.
const built = useBuiltCommand();
const forms = ['', '--json'] as const;
/** The CIs for the pipelines: one answers, one fails. */
const piped: readonly string[] = ['up', 'failing'];
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

type Play = (scene: Scene) => Promise<void>;

function play(name: string, run: Play): void {
  test(name, (context: TestContext) => run(new Scene(built, context)));
}

describe.concurrent('a command that ends by itself', () => {
  for (const { command, argv, expected } of rows) {
    for (const condition of conditions) {
      const { code, out, err, json } = expected[condition];
      for (const form of forms) {
        play(`${command} ${form}, a CI that is ${condition}: ${code}`, async (scene) => {
          const { url } = await scene.ci(condition);
          const ended = await scene.run([...argv, '--ci', `apollo=${url}`, form]).ended;
          expectClean(ended);
          expect([ended.code, ended.stderr]).toEqual([code, form === '' ? expect.stringMatching(err) : '']);
          if (form === '') expect(ended.stdout).toMatch(out);
          else expect(readJson(ended)).toMatchObject(json);
        });

        if (!piped.includes(condition)) continue;
        play(`${command} ${form} | head -n 1, a CI that is ${condition}: ${code}, or 141`, async (scene) => {
          const { url } = await scene.ci(condition);
          const ended = await scene.pipe([...argv, '--ci', `apollo=${url}`, form], '| head -n 1').ended;
          expectClean(ended);
          // The reader may leave before the last line.
          expect([code, 141]).toContain(ended.first);
          if (form === '') expect(ended.stderr).toMatch(err);
          else expect([ended.stderr, readJson(ended)]).toMatchObject(['', json.slice(0, 1)]);
          expect(ended.stdout.split('\n').length).toBeLessThanOrEqual(2);
        });
      }
    }
  }

  for (const form of forms) {
    play(`machines ${form}: 0`, async (scene) => {
      const ended = await scene.run(['machines', '--machine', 'pool', form]).ended;
      expectClean(ended);
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      if (form === '') expect(ended.stdout).toMatch(/^stateDiagram-v2\n/);
      else expect(readJson(ended)).toMatchObject([{ pool: { key: 'pool' } }]);
    });
  }
});

describe.concurrent('a reader that has left', () => {
  const argvs = [...rows.map(({ argv }) => argv), ['status', '--watch'], ['serve'], ['inspect'], ['machines']];

  for (const argv of argvs) {
    play(`choragus ${argv.join(' ')}: 141, without output`, async (scene) => {
      const { url } = await scene.ci('up');
      const where = ['serve', 'inspect', 'machines'].includes(argv[0] as string) ? [] : ['--ci', `apollo=${url}`];
      const { child, ended } = scene.run([...argv, ...where]);
      child.stdout?.destroy();
      expect(await ended).toMatchObject({ code: 141, stderr: '' });
    });
  }

  play('choragus stream | head: an endless answer ends, and the connection to its CI closes', async (scene) => {
    const { url, left } = await scene.ci('endless');
    const ended = await scene.pipe(['stream', 'apollo', 'go', '--ci', `apollo=${url}`], '| head -n 2').ended;
    expect(ended).toMatchObject({ first: 141, stdout: 'line 0\nline 1\n', stderr: '' });
    await left;
  });

  play('choragus status --watch --json | head ends with the next change', async (scene) => {
    const { url } = await scene.ci('flapping');
    const file = join(built.folder, 'flapping.json');
    const limits = { reconnectDelayMs: 5, maxReconnectDelayMs: 5, provenUptimeMs: 0 };
    await writeFile(file, JSON.stringify({ cis: { apollo: url }, ...limits }));
    const ended = await scene.pipe(['status', '--watch', '--json', '--config', file], '| head -n 3').ended;
    expectClean(ended);
    expect([ended.first, ended.stderr]).toEqual([141, '']);
    expect(readJson(ended)).toMatchObject([
      { ci: 'apollo', state: expect.any(String) },
      { ci: 'apollo' },
      { to: expect.any(String) },
    ]);
  });

  play('a closed stderr changes nothing', async (scene) => {
    const { url } = await scene.ci('down');
    const { child, ended } = scene.run(['ask', 'apollo', 'hello', '--ci', `apollo=${url}`]);
    child.stderr?.destroy();
    expect(await ended).toMatchObject({ code: 1, stdout: '' });
  });

  const hasFullDisk = existsSync('/dev/full');
  play(`reports a full disk: 1${hasFullDisk ? '' : '; skipped without /dev/full'}`, async (scene) => {
    if (!hasFullDisk) return;
    const text = await scene.pipe(['machines'], '> /dev/full').ended;
    expect([text.first, text.stderr]).toEqual([1, expect.stringMatching(/^stdout cannot be written: ENOSPC.*\n$/)]);
    const json = await scene.pipe(['machines', '--json'], '> /dev/full').ended;
    expect([json.first, JSON.parse(json.stderr)]).toMatchObject([1, { ok: false, error: { code: 'failed' } }]);
  });
});

/** Commands with a request in flight: how each is called, and what it writes when the request is cancelled. */
const asking = [
  { argv: ['ask', 'apollo', 'hello'], out: /^$/, err: /^apollo: cancelled; may have been read\n$/, lines: 1 },
  { argv: ['stream', 'apollo', 'hello'], out: /^You \n$/, err: /^apollo: cancelled; may have been read\n$/, lines: 2 },
  {
    argv: ['team', 'hello', '--timeout', '20'],
    out: /apollo +- +cancelled; may have been read\n/,
    err: /^$/,
    lines: 1,
  },
  { argv: ['ping', '--timeout', '20'], out: /^apollo: cancelled; may have been read\n$/, err: /^$/, lines: 1 },
];

/** Commands that run until they are ended. */
const lasting = [
  { argv: ['status', '--watch'], shows: 'healthy', needs: 'up' },
  { argv: ['proxy', '--listen', 'apollo=0'], shows: 'tcp://', needs: 'up' },
  { argv: ['serve'], shows: 'tcp://', needs: 'nothing' },
  { argv: ['inspect'], shows: 'ws://', needs: 'nothing' },
];

describe.concurrent('a signal', () => {
  for (const [signal, code] of signals) {
    for (const form of forms) {
      for (const { argv, out, err, lines } of asking) {
        play(`${signal}, ${argv[0]} ${form} under way: ${code}`, async (scene) => {
          const { url, asked, left } = await scene.ci('slow');
          const started = scene.run([...argv, '--ci', `apollo=${url}`, form]);
          await asked;
          if (argv[0] === 'stream') await started.shown('You ');
          started.child.kill(signal);
          const ended = await started.ended;
          await left;
          expectClean(ended);
          expect([ended.code, ended.stderr]).toEqual([code, form === '' ? expect.stringMatching(err) : '']);
          if (form === '') return expect(ended.stdout).toMatch(out);
          const read = readJson(ended);
          expect(read).toHaveLength(lines);
          expect(read.at(-1)).toMatchObject({ ci: 'apollo', ok: false, error: { code: 'cancelled' } });
        });
      }

      for (const { argv, shows, needs } of lasting) {
        play(`${signal}, ${argv[0]} ${form}: ${code}`, async (scene) => {
          const where = needs === 'up' ? ['--ci', `apollo=${(await scene.ci('up')).url}`] : [];
          const started = scene.run([...argv, ...where, form]);
          await started.shown(shows);
          started.child.kill(signal);
          const ended = await started.ended;
          expectClean(ended);
          expect([ended.code, ended.stderr]).toEqual([code, '']);
          if (form !== '') expect(readJson(ended)).toHaveLength(1);
        });
      }
    }

    for (const { argv, shows, needs } of lasting) {
      play(`${signal}, ${argv[0]} | head -n 1 to the whole group: ${code}`, async (scene) => {
        const where = needs === 'up' ? ['--ci', `apollo=${(await scene.ci('up')).url}`] : [];
        const started = scene.pipe([...argv, ...where, '--json'], '| head -n 1');
        await started.shown(shows);
        signalGroup(started.child, signal);
        const ended = await started.ended;
        expectClean(ended);
        expect([ended.first, ended.stderr]).toEqual([code, '']);
        expect(readJson(ended)).toHaveLength(1);
      });
    }
  }

  play('SIGINT while stdin is read: 130', async (scene) => {
    const { url } = await scene.ci('up');
    const { child, ended } = scene.run(['ask', 'apollo', '-', '--ci', `apollo=${url}`]);
    // More than a pipe holds: once it is read, the command is reading stdin.
    await new Promise((resolve) => child.stdin?.write('x'.repeat(4_000_000), resolve));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
  });
});

describe.concurrent('a listener', () => {
  const answers = {
    up: /^\{"type":"chat_response".*"You said: hello"/,
    down: /^\{"type":"error".*the CI is down/,
    failing: new RegExp(`^\\{"type":"error".*${theWords}`),
    slow: undefined,
  };

  for (const condition of conditions) {
    play(`serve --ask, a CI that is ${condition}, and SIGTERM: 143`, async (scene) => {
      const { url } = await scene.ci(condition);
      const started = scene.run(['serve', '--ask', url, '--json']);
      const [line = ''] = (await started.shown('\n')).split('\n');
      const answer = answers[condition];
      if (answer !== undefined) expect(await askByHand(JSON.parse(line).url, 'hello')).toMatch(answer);
      started.child.kill('SIGTERM');
      const ended = await started.ended;
      expectClean(ended);
      expect([ended.code, ended.stderr]).toEqual([143, '']);
      expect(readJson(ended)).toEqual([{ ci: 'echo', url: expect.stringMatching(/^tcp:/) }]);
    });

    play(`proxy, a CI that is ${condition}, and SIGTERM: 143`, async (scene) => {
      const { url } = await scene.ci(condition);
      const started = scene.run(['proxy', '--ci', `apollo=${url}`, '--listen', 'apollo=0', '--json']);
      await started.shown('\n');
      started.child.kill('SIGTERM');
      const ended = await started.ended;
      expectClean(ended);
      expect([ended.code, ended.stderr]).toEqual([143, '']);
      expect(readJson(ended)).toEqual([{ ci: 'apollo', url: expect.stringMatching(/^tcp:/) }]);
    });
  }
});

describe.concurrent('a command that keeps running', () => {
  for (const argv of [
    ['proxy', '--listen', 'apollo=0'],
    ['status', '--watch'],
  ]) {
    play(`${argv[0]} continues while its CI is down, and sees it come up`, async (scene) => {
      const path = join(built.folder, `${argv[0]}.sock`);
      const file = join(built.folder, `${argv[0]}.json`);
      const limits = { reconnectDelayMs: 20, maxReconnectDelayMs: 20 };
      await writeFile(file, JSON.stringify({ cis: { apollo: `unix:${path}` }, ...limits }));
      const started = scene.run([...argv, '--config', file, '--json']);
      const [line = ''] = (await started.shown('\n')).split('\n');
      await using served = await serveCi({ id: 'apollo', listen: { path }, handler: ({ content }) => content });
      if (argv[0] === 'status') await started.shown('"to":"healthy"');
      let answer: string | undefined;
      // The proxy listens again once its CI is up.
      while (argv[0] === 'proxy' && answer === undefined && started.child.exitCode === null) {
        answer = await askByHand(JSON.parse(line).url, 'hello');
      }
      started.child.kill('SIGTERM');
      const ended = await started.ended;
      expectClean(ended);
      expect([ended.code, ended.stderr, served.totalConnections > 0]).toEqual([143, '', true]);
    });
  }
});

describe.concurrent('a drain', () => {
  /** A listener in front of a slow CI; one client waits for an answer. */
  const listeners = [
    { name: 'serve', argv: (url: string) => ['serve', '--ask', url] },
    { name: 'proxy', argv: (url: string) => ['proxy', '--ci', `apollo=${url}`, '--listen', 'apollo=0'] },
  ];
  const addressIn = (text: string): string => /tcp:\/\/\S+/.exec(text)?.[0] as string;

  for (const { name, argv } of listeners) {
    const waiting = async (scene: Scene) => {
      const ci = await scene.ci('slow');
      const started = scene.run(argv(ci.url));
      const answered = askByHand(addressIn(await started.shown('tcp://')), 'hello');
      await ci.asked;
      return { ci, started, answered };
    };

    for (const [signal, code] of signals) {
      play(`${name} answers requests in flight, and ends: ${code}`, async (scene) => {
        const { ci, started, answered } = await waiting(scene);
        started.child.kill(signal);
        await started.shown('A second signal ends at once.\n', 'stderr');
        ci.release();
        expect(await answered).toContain('said: hello');
        const ended = await started.ended;
        expectClean(ended);
        expect(ended.code).toBe(code);
      });
    }

    play(`${name} takes the same signal, sent twice in a row, as one`, async (scene) => {
      const { ci, started, answered } = await waiting(scene);
      started.child.kill('SIGTERM');
      started.child.kill('SIGTERM');
      await started.shown('A second signal ends at once.\n', 'stderr');
      ci.release();
      expect(await answered).toContain('said: hello');
      expect((await started.ended).code).toBe(143);
    });

    for (const [signal, code] of signals) {
      play(`${name} ends at once when SIGTERM is followed by ${signal}: ${code}`, async (scene) => {
        const { started, answered } = await waiting(scene);
        started.child.kill('SIGTERM');
        await started.shown('A second signal ends at once.\n', 'stderr');
        const sinceMs = performance.now();
        started.child.kill(signal);
        const ended = await started.ended;
        expectClean(ended);
        expect(ended.code).toBe(code);
        // Long before the drain would end.
        expect(performance.now() - sinceMs).toBeLessThan(4_000);
        expect(await answered).toBe(undefined);
      });
    }

    play(`${name} waits at most 5 s: 143`, async (scene) => {
      const { started, answered } = await waiting(scene);
      const sinceMs = performance.now();
      started.child.kill('SIGTERM');
      const ended = await started.ended;
      expectClean(ended);
      expect(ended.code).toBe(143);
      expect(performance.now() - sinceMs).toBeGreaterThan(4_500);
      expect(await answered).toBe(undefined);
    });
  }

  play('npx on SIGTERM: it ends, and the command drains on its own', async (scene) => {
    const folder = await installed();
    const ci = await scene.ci('slow');
    const env = { npm_config_update_notifier: 'false', npm_config_offline: 'true' };
    const started = scene.start('npx', ['choragus', 'serve', '--ask', ci.url], { cwd: folder, env });
    const answered = askByHand(addressIn(await started.shown('tcp://')), 'hello');
    await ci.asked;
    started.child.kill('SIGTERM');
    await started.shown('A second signal ends at once.\n', 'stderr');
    ci.release();
    expect(await answered).toContain('said: hello');
    // Its output is closed once the command itself has ended.
    expectClean(await started.ended);
  });

  play('npx on Ctrl-C: it waits for the command: 130', async (scene) => {
    const started = scene.start('npx', ['choragus', 'serve'], { cwd: await installed() });
    await started.shown('tcp://');
    signalGroup(started.child, 'SIGINT');
    const ended = await started.ended;
    expectClean(ended);
    expect([130, 'SIGINT']).toContain(ended.code ?? ended.signal);
  });
});

/** A project with the command installed. */
async function installed(): Promise<string> {
  const folder = await mkdtemp(join(built.folder, 'project-'));
  const bin = join(folder, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  await chmod(built.pathOf('cli/choragus.js'), 0o755);
  await symlink(built.pathOf('cli/choragus.js'), join(bin, 'choragus'));
  return folder;
}
