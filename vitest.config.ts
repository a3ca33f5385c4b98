import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** How long a test waits for what the page shows at the next round of its service: by default a second, and a round may take ten. */
const pageMs = 30_000;

/** Proofs on virtual time, without a socket: the version of Node makes no difference to them. */
const onVirtualTime = ['test/proof/{model,properties}/**/*.test.ts'];
/** Proofs that load the machine, measure memory or change the process: each file has a process of its own. */
const underLoad = ['test/proof/{faults,kill,monitoring,security,storms}/**/*.test.ts'];
/** The inspector's page in a browser: each file has a browser of its own. Its concurrent tests wait more than they compute. */
const inBrowser = ['test/proof/page/**/*.test.ts'];
const never = ['test/bench/**', '**/node_modules/**'];
const globalSetup = ['test/support/build-once.ts'];

/** The other files share workers: to start one and import the sources takes longer than most of them run. */
const shared = { isolate: false, setupFiles: ['test/support/leaves-no-sockets.ts'] };

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...shared } },
      {
        extends: true,
        test: {
          name: 'proof',
          include: ['test/**/*.test.ts'],
          exclude: [...onVirtualTime, ...underLoad, ...inBrowser, 'test/unit/**', ...never],
          globalSetup,
          ...shared,
        },
      },
      { extends: true, test: { name: 'virtual', include: onVirtualTime, ...shared } },
      { extends: true, test: { name: 'load', include: underLoad, globalSetup } },
      {
        extends: true,
        test: {
          name: 'page',
          include: inBrowser,
          globalSetup,
          maxConcurrency: 3,
          expect: { poll: { timeout: pageMs } },
        },
      },
    ],
    // One more than there are cores: a fifth of the time, the tests of sockets and processes wait.
    maxWorkers: availableParallelism() + 1,
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 30_000,
    // For the build, which counts the tests.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: process.env.TESTS_JSON ?? 'coverage/tests.json' },
    coverage: {
      // The build asks for it; other runs do without.
      enabled: process.env.COVERAGE === 'true',
      provider: 'v8',
      include: ['src/**/*.ts', 'machines/**/*.ts'],
      // It runs in a browser, where its own tests look at it.
      exclude: ['src/inspector/page/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95 },
    },
  },
});
