#!/usr/bin/env node
import { forkChorus } from '../demo/fork-chorus.js';
import { readStdin, runAsProcess } from '../terminal/run-as-process.js';
import { runChoragus } from './run-choragus.js';

// Runs the command `choragus` in this process.
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
