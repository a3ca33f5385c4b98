import { defineConfig } from 'vitest/config';
import { parts } from './parts.mjs';

const { tests, except } = parts[process.env.MUTATED_PART];

/** Does not build `dist/`: these tests import the sources, which contain the mutants. */
export default defineConfig({ test: { include: tests, exclude: except, testTimeout: 30_000 } });
