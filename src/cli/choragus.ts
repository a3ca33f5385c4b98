#!/usr/bin/env node
import { forkChorus } from './fork-chorus.js';
import { readStdin } from './read-stdin.js';
import { runAsProcess } from './run-as-process.js';
import { runChoragus } from './run-choragus.js';

// The entry of the command `choragus`: joins it with this process, and does nothing else.
const { stdout, stderr, stdin, env } = process;
await runAsProcess((signal) =>
  runChoragus(process.argv.slice(2), {
    stdout,
    stderr,
    readStdin: () => readStdin(stdin, signal),
    env,
    folder: process.cwd(),
    signal,
    openChorus: (ended) => forkChorus(new URL('./chorus.js', import.meta.url), ended),
  }),
);
