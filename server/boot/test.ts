/**
 * `npm test`: the checks, the web build that the browser tests need, and every test. With arguments only what they choose:
 * `npm test -- --project unit stock` (they go to Vitest), `npm test -- web` (the web app's). The last line is the sum.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { buildWeb } from './build-web.ts';
import { runChecks, runNode } from './checks.ts';

type Sum = { passed: number; failed: number; skipped: number };

const sums = mkdtempSync(path.join(tmpdir(), 'zhanggui-sum-'));
const selected = process.argv.slice(2);
const sum: Sum = { passed: 0, failed: 0, skipped: 0 };

const add = (part: Partial<Sum>): void => {
  for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += part[key] ?? 0;
};

async function build(): Promise<Partial<Sum>> {
  try {
    await buildWeb();
    return { passed: 1 };
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return { failed: 1 };
  }
}

/** Runs Vitest in a folder that has its configuration, and reads what it counted. */
async function vitest(folder: string, args: string[]): Promise<Sum> {
  const file = path.join(sums, 'sum.json');
  rmSync(file, { force: true });
  const reporter = path.join(repositoryRoot, 'tests/support/sum-reporter.ts');
  const code = await runNode(
    [
      path.join(repositoryRoot, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--reporter=default', `--reporter=${reporter}`, ...args],
    ],
    path.join(repositoryRoot, folder),
    // Vitest sets NODE_ENV for itself unless it is set: "production" would make Svelte render for a server.
    { TEST_SUM_FILE: file, NODE_ENV: 'test' },
  );
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const counted = JSON.parse(readFileSync(file, 'utf8')) as Sum;
  // A failed global setup, or a run of no test at all, fails without a failed test.
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  return counted;
}

if (selected.length === 0) {
  // Lint keeps one core busy for a minute; so it has company. The tests with a database want both cores.
  const lint = runChecks('lint');
  add(await runChecks('format', 'types', 'svelte types'));
  add(await build());
  add(await vitest('web', []));
  add(await lint);
  add(await vitest('.', []));
} else if (selected[0] === 'web') add(await vitest('web', selected.slice(1)));
else add(await vitest('.', selected));
rmSync(sums, { recursive: true });

const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
console.log(`\n${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed === 0 ? 0 : 1;
