#!/usr/bin/env node
import { runChoragus } from './run-choragus.js';

// The entry of the command `choragus`: joins it with this process, and does nothing else.
const cancelling = new AbortController();
// Once: a second Ctrl-C ends the process the hard way.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cancelling.abort(signal));
process.stdout.on('error', () => cancelling.abort('SIGPIPE'));

const { stdout, stderr } = process;
process.exitCode = await runChoragus(process.argv.slice(2), { stdout, stderr, signal: cancelling.signal });
