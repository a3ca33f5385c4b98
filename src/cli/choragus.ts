#!/usr/bin/env node
import { forkChorus } from '../demo/fork-chorus.js';
import { readStdin, runAsProcess } from '../terminal/run-as-process.js';
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
    openChorus: (ended) => forkChorus(new URL('../demo/chorus.js', import.meta.url), ended),
  }),
);
