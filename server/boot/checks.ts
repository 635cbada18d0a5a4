import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

export type CheckName = 'format' | 'types' | 'svelte types' | 'lint';
type Check = { name: CheckName; steps: string[][] };

const bin = (file: string): string => path.join(repositoryRoot, 'node_modules', file);

/** What must hold before any test is worth running. Each step is a command line of this Node. */
const checks: Check[] = [
  { name: 'format', steps: [[bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']] },
  {
    name: 'types',
    steps: [
      [bin('@typescript/native/bin/tsc'), '-p', '.'],
      [bin('@typescript/native/bin/tsc'), '-p', 'tests'],
    ],
  },
  {
    name: 'svelte types',
    steps: [
      [bin('@sveltejs/kit/svelte-kit.js'), 'sync'],
      [
        bin('svelte-check/bin/svelte-check'),
        '--output',
        'human',
        '--threshold',
        'warning',
        '--fail-on-warnings',
      ],
    ],
  },
  { name: 'lint', steps: [[bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.']] },
];

const inWeb = new Set<CheckName>(['svelte types']);

export type CheckSum = { passed: number; failed: number };

/** Runs all checks, or those named, one after the other, and says how each went. */
export async function runChecks(...names: CheckName[]): Promise<CheckSum> {
  const sum: CheckSum = { passed: 0, failed: 0 };
  for (const { name, steps } of checks) {
    if (names.length > 0 && !names.includes(name)) continue;
    const since = Date.now();
    const ok = await runSteps(steps, inWeb.has(name) ? path.join(repositoryRoot, 'web') : repositoryRoot);
    sum[ok ? 'passed' : 'failed'] += 1;
    console.log(`${ok ? '✓' : '✗'} ${name} (${((Date.now() - since) / 1000).toFixed(1)} s)`);
  }
  return sum;
}

async function runSteps(steps: string[][], cwd: string): Promise<boolean> {
  for (const args of steps) if ((await runNode(args, cwd)) !== 0) return false;
  return true;
}

/** Runs this Node with everything it says going to our terminal. Resolves with the exit code; a signal counts as failed. */
export function runNode(args: string[], cwd = repositoryRoot, env: NodeJS.ProcessEnv = {}): Promise<number> {
  if (!existsSync(args[0] ?? '')) throw new Error(`${args[0]} is not installed`);
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 1, 2],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
