import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processIdentity } from './process-identity.ts';
import { claimDataDir, readRunFile, removeRunFile, writeRunFile } from './run-file.ts';

describe('run file', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'run-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('is found while its process lives, and is for its owner only', () => {
    expect(readRunFile(dataDir)).toBeUndefined();
    const run = claimDataDir(dataDir, '2026-01-01T00:00:00Z');
    writeRunFile(dataDir, { ...run, serverUrl: 'http://localhost:1' });
    expect(readRunFile(dataDir)).toMatchObject({ pid: process.pid, serverUrl: 'http://localhost:1' });
    expect(statSync(path.join(dataDir, 'run.json')).mode & 0o777).toBe(0o600);
    removeRunFile(dataDir);
    expect(readRunFile(dataDir)).toBeUndefined();
  });

  it('keeps a second company out of the folder, and names it', () => {
    const identity = processIdentity(process.ppid) ?? '';
    writeRunFile(dataDir, { pid: process.ppid, identity, startedAt: '', publicUrl: 'http://first' });
    expect(() => claimDataDir(dataDir, '')).toThrow(new RegExp(`DATA_DIR ${dataDir} .*http://first`));
  });

  it('forgets a company whose process is gone, also when its number was given to another', () => {
    writeRunFile(dataDir, { pid: process.ppid, identity: `${process.ppid}:0:other-boot`, startedAt: '' });
    expect(readRunFile(dataDir)).toBeUndefined();
    expect(claimDataDir(dataDir, '').pid).toBe(process.pid);
  });
});
