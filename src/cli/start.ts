#!/usr/bin/env node
import { forkChorus } from './fork-chorus.js';
import { runStart } from './run-start.js';

// The entry of `npm start`: joins the run with this process, and does nothing else.
const cancelling = new AbortController();
// Once: a second Ctrl-C ends the process the hard way, and the chorus ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cancelling.abort(signal));
// The reader has gone (`npm start | head`): nobody is left to show anything to.
process.stdout.on('error', () => cancelling.abort('SIGPIPE'));

const { stdout, stderr, env } = process;
process.exitCode = await runStart(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  signal: cancelling.signal,
  openChorus: (signal) => forkChorus(new URL('./chorus.js', import.meta.url), signal),
});
