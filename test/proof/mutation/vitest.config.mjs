import { defineConfig } from 'vitest/config';
import { parts } from './parts.mjs';

const { tests, except } = parts[process.env.MUTATED_PART];

/** No `dist/` is built first: these tests import the sources, of which the mutants are. */
export default defineConfig({ test: { include: tests, exclude: except, testTimeout: 30_000 } });
