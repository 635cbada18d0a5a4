import { defineConfig } from 'vitest/config';

const here = import.meta.dirname;

/**
 * Unit tests share the modules of their worker, so they leave nothing behind in its process: no fake timers, no changed
 * environment. Integration tests have a process for each file: with it end the connections that servers under test still hold.
 */
const shared = { isolate: false, maxWorkers: 2 };
/** What is waited for comes at once; on a machine that does five other things, later. */
const patience = { expect: { poll: { timeout: 10_000 } } };

/**
 * Kinds of test, told apart by where they stand:
 * - unit: beside the code in shared, server and workers, and tests/*.test.ts; no database, no network.
 * - integration: tests/integration, on a real Postgres that the global setup starts once.
 * - e2e: tests/e2e, a whole company and a real browser.
 * Components and rune classes have a run of their own in web, with web/vite.config.ts: SvelteKit looks for its app in the
 * folder that a run was started in.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root: here,
          environment: 'node',
          include: ['{shared,server,workers}/**/*.test.ts', 'tests/*.test.ts'],
          setupFiles: ['tests/support/properties.ts'],
          // Long before anything hangs for that long, a busy machine takes five seconds for what takes one.
          testTimeout: 30_000,
          ...shared,
          ...patience,
        },
      },
      {
        test: {
          name: 'integration',
          root: here,
          environment: 'node',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: ['tests/support/postgres-setup.ts'],
          setupFiles: ['tests/support/after-each-file.ts', 'tests/support/properties.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          ...patience,
        },
      },
      {
        test: {
          name: 'e2e',
          root: here,
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file has a company of its own, and waits for it more than it works.
          maxWorkers: 2,
          ...patience,
        },
      },
    ],
  },
});
