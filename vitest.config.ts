import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const here = import.meta.dirname;

/**
 * Four kinds of test, told apart by where they stand:
 * - unit: beside the code in shared, server and workers, and tests/*.test.ts; no database, no network.
 * - integration: tests/integration, on a real Postgres that the global setup starts once.
 * - web: components and rune classes in web, in jsdom; web/vite.config.ts configures them.
 * - e2e: tests/e2e, a whole company and a real browser.
 */
export default defineConfig({
  test: {
    reporters: ['default', `${here}/tests/support/sum-reporter.ts`],
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
      ...(existsSync(`${here}/web/vite.config.ts`) ? [`${here}/web/vite.config.ts`] : []),
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
