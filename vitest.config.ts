import { defineConfig } from 'vitest/config';

const here = import.meta.dirname;

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
        },
      },
      {
        test: {
          name: 'integration',
          root: here,
          environment: 'node',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: ['tests/support/postgres-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
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
          fileParallelism: false,
        },
      },
    ],
  },
});
