import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** How a run ended, for `server/boot/test.ts` to add up with the checks. */
export type TestSum = { passed: number; failed: number; skipped: number };

/** Writes the sum of a run to the file that TEST_SUM_FILE names; without one it does nothing. */
export default class SumReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env['TEST_SUM_FILE'];
    if (!file) return;
    const sum: TestSum = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let failed = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') sum.passed += 1;
        else if (state === 'failed') failed += 1;
        else sum.skipped += 1;
      }
      // A file that could not be loaded, or whose hook failed, has no failed test of its own.
      sum.failed += failed > 0 || module.ok() ? failed : 1;
    }
    writeFileSync(file, JSON.stringify(sum));
  }
}
