/** Tekton's commands, each run as a separate process: `aish` and `ai-discover`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killAtExit } from '../start-peer.mjs';
import { idOf, NAMES } from './names.mjs';

/** `aish` needs 91 s for a CI that never answers. */
const LIMIT_MS = 105_000;
const FAILURES = /^(Failed|No response|Error|aish:|Unsupported)/;

/** `aish NAME MESSAGE`, all at once. */
async function ask(world, { asks }) {
  return Promise.all(asks.map(({ ci, text }) => said(aish(world, [ci, text]))));
}

/** `aish` as a shell: each line passes a CI's answer to another one. Its answers follow its prompts. */
async function shell(world, { asks }) {
  const typed = asks.map(({ ci, text }) => `echo "${text}" | ${ci} | apollo\n`).join('');
  const { stdout, stderr } = await aish(world, [], `${typed}exit\n`);
  const answers = stdout
    .split('aish> ')
    .slice(1)
    .map((text) => text.trim());
  const outcomes = asks.map((_, at) => ({ ok: !FAILURES.test(answers[at] ?? 'No response'), text: answers[at] }));
  return [...outcomes, { ok: stderr === '', stderr }];
}

/** `aish team-chat MESSAGE`: one outcome for each CI. It prints the first answer first: compared in the order of names. */
async function teamChat(world, { asks }) {
  const outcomes = [];
  for (const { text } of asks) {
    const { code, stdout, stderr } = await aish(world, ['team-chat', text]);
    const isAnswer = (line) => line.startsWith('[');
    const lines = stdout.split('\n');
    outcomes.push({ ok: code === 0, text: lines.filter((line) => !isAnswer(line)).join('\n'), stderr });
    for (const name of NAMES) {
      const answers = lines.filter((line) => line.startsWith(`[${name}]`)).sort();
      outcomes.push({ ok: answers.length > 0, ai: name, answers });
    }
  }
  return outcomes;
}

/** `ai-discover --json test ID`: three questions of its own to each CI. */
async function discover(world, { asks }) {
  const test = async ({ ci }) => {
    const { stdout, stderr } = await run(world, 'scripts/ai-discover', ['--json', 'test', idOf(ci)]);
    const report = stdout.slice(stdout.indexOf('{'));
    const results = report.startsWith('{') ? JSON.parse(report).test_results : [{ success: false, crashed: stderr }];
    return results.map(({ success, elapsed: _, ...rest }) => ({ ok: success, ...rest }));
  };
  return (await Promise.all(asks.map(test))).flat();
}

export const commands = { aish: ask, 'aish, shell': shell, 'aish, team-chat': teamChat, 'ai-discover': discover };

async function said(running) {
  const { code, stdout, stderr } = await running;
  return { ok: code === 0 && !FAILURES.test(stdout) && stderr === '', code, text: stdout, stderr };
}

function aish(world, args, input) {
  return run(world, 'shared/aish/aish', args, input);
}

/** Each has its own home folder: they write histories and registries there. */
async function run(world, program, args, input = '') {
  const home = mkdtempSync(join(world.scratch, 'home-'));
  cpSync(world.home, home, { recursive: true });
  const env = { ...process.env, ...world.env, HOME: home };
  const child = spawn(world.python, [join(world.tekton, program), ...args], {
    env,
    cwd: home,
    stdio: 'pipe',
  });
  killAtExit(child);
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  rmSync(home, { recursive: true, force: true });
  return { code, stdout: stdout.trim(), stderr: stderr.trim() };
}
