#!/usr/bin/env node
import { runAsProcess } from '../terminal/run-as-process.js';
import { forkChorus } from './fork-chorus.js';
import { runStart } from './run-start.js';

// Runs `npm start` in this process.
const { stdout, stderr, env } = process;
await runAsProcess((signal) =>
  runStart(process.argv.slice(2), {
    stdout,
    stderr,
    env,
    signal,
    openChorus: (ended) => forkChorus(new URL('./chorus.js', import.meta.url), ended),
  }),
);
