import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { commandOf, processIdentity } from './process-identity.ts';

describe('processIdentity', () => {
  it('is stable while a process lives, and gone when it ended', async () => {
    const child = spawn('sleep', ['30']);
    const pid = child.pid!;
    expect(processIdentity(pid)).toBe(processIdentity(pid));
    expect(processIdentity(pid)).not.toBe(processIdentity(process.pid));
    await expect.poll(() => commandOf(pid)).toBe('sleep 30');
    child.kill();
    await once(child, 'close');
    expect(processIdentity(pid)).toBeUndefined();
    expect(commandOf(pid)).toBeUndefined();
  });
});
