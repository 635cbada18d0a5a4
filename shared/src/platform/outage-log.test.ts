import { expect, it } from 'vitest';
import { createLog } from './log.ts';
import { logOutage } from './outage-log.ts';

it('logs the first error of an outage, then one each ten seconds', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line) => void lines.push(line) });
  let now = 0;
  const note = logOutage(log, 'away', () => now);
  for (; now < 25_000; now += 100) note(new Error('refused'));
  expect(lines.map((line) => (JSON.parse(line) as { between?: number }).between)).toEqual([
    undefined,
    99,
    99,
  ]);
});
