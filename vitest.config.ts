import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-once.ts'],
    exclude: ['test/bench/**', '**/node_modules/**'],
    typecheck: { enabled: false },
    testTimeout: 30_000,
    // For the build, which counts the tests.
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'coverage/tests.json' },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'machines/**/*.ts'],
      // It runs in a browser, where its own tests look at it.
      exclude: ['src/inspector/page/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95 },
    },
  },
});
