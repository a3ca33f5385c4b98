#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { forkChorus } from './fork-chorus.js';
import { runChoragus } from './run-choragus.js';

// The entry of the command `choragus`: joins it with this process, and does nothing else.
const cancelling = new AbortController();
// Once: a second Ctrl-C ends the process the hard way.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cancelling.abort(signal));
// The reader has gone (`choragus team … | head`): nobody is left to show anything to.
process.stdout.on('error', () => cancelling.abort('SIGPIPE'));

const { stdout, stderr, stdin, env } = process;
process.exitCode = await runChoragus(process.argv.slice(2), {
  stdout,
  stderr,
  readStdin: () => text(stdin),
  env,
  folder: process.cwd(),
  signal: cancelling.signal,
  openChorus: (signal) => forkChorus(new URL('./chorus.js', import.meta.url), signal),
});
