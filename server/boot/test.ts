/**
 * `npm test`: the checks, the web build that the browser tests need, and every test. With arguments, which go to Vitest, only
 * those tests: `npm test -- --project unit stock`. The last line is the sum of everything.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { buildWeb } from './build-web.ts';
import { runChecks, runNode } from './checks.ts';

type Sum = { passed: number; failed: number; skipped: number };

const folder = mkdtempSync(path.join(tmpdir(), 'zhanggui-sum-'));
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

async function tests(): Promise<Sum> {
  const file = path.join(folder, 'sum.json');
  const code = await runNode(
    [path.join(repositoryRoot, 'node_modules/vitest/vitest.mjs'), 'run', ...selected],
    undefined,
    {
      TEST_SUM_FILE: file,
      // Vitest sets it for itself; a NODE_ENV of the caller would make Svelte render for a server.
      NODE_ENV: 'test',
    },
  );
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const counted = JSON.parse(readFileSync(file, 'utf8')) as Sum;
  // A failed global setup, or a run of no test at all, fails without a failed test.
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  return counted;
}

if (selected.length === 0) {
  add(await runChecks());
  add(await build());
}
add(await tests());
rmSync(folder, { recursive: true });

const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
console.log(`\n${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed === 0 ? 0 : 1;
