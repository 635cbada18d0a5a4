import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processIdentity } from '@zhanggui/shared/platform/process-identity.ts';
import { readRunFile } from '@zhanggui/shared/platform/run-file.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { startCompany, until, type Company } from '../support/company.ts';

const sale = (id: string) => ({
  specversion: '1.0',
  id,
  source: 'till-1',
  type: 'order.placed',
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  data: {
    orderId: `o-${id}`,
    channel: 'pos',
    location: 'S001',
    lines: [{ sku: 'A', qty: 1, unitPrice: 500 }],
    total: 500,
    fulfilment: { method: 'carry', location: 'S001' },
  },
});

/** Every process of a company: the supervisor, its parts, Postgres and its keeper. */
function processesOf(company: Company): number[] {
  const { pid, parts = {} } = company.run();
  const postgres = Number(
    readFileSync(path.join(company.dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0],
  );
  const stat = existsSync(`/proc/${postgres}/stat`) ? readFileSync(`/proc/${postgres}/stat`, 'utf8') : '';
  const keeper = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return [pid, ...Object.values(parts), postgres, ...(keeper > 1 ? [keeper] : [])];
}

const allGone = (pids: number[]) => () =>
  pids.some((pid) => processIdentity(pid) !== undefined) ? undefined : true;

describe('a company', () => {
  let dataDir: string;
  let company: Company;
  let key: string;
  const tell = async (id: string): Promise<unknown> => {
    const answer = await fetch(`${company.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${key}` },
      body: JSON.stringify(sale(id)),
    });
    return answer.json();
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'zhanggui-boot-'));
    company = await startCompany({ dataDir, keepData: true });
    const made = await company.zg(['key', 'create', '--name', 'boot', '--scopes', 'ingest,read']);
    expect(made.code).toBe(0);
    key = made.stdout.trim();
  });
  afterAll(async () => {
    if (readRunFile(dataDir)) await company.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('prints a sign-in link, and takes facts', async () => {
    expect(company.signInLink).toContain(`:${new URL(company.url).port}/sign-in#link=`);
    expect(await tell('before')).toMatchObject({ accepted: 1, duplicates: 0 });
  });

  it('keeps a second one out of its folder and off its port, and says which', async () => {
    await expect(startCompany({ dataDir, keepData: true })).rejects.toThrow(
      new RegExp(`DATA_DIR ${dataDir} is in use`),
    );
    const port = new URL(company.url).port;
    await expect(startCompany({ env: { PORT: port } })).rejects.toThrow(new RegExp(`PORT ${port} is taken`));
    expect(await tell('before')).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('brings back a server and a Postgres that were killed', async () => {
    const before = company.run().parts;
    company.kill('server');
    await until(() => (company.run().parts?.['server'] !== before?.['server'] ? true : undefined), 10_000);
    await company.ready();
    process.kill(processesOf(company).at(-2)!, 'SIGKILL');
    await until(
      () =>
        tell('after')
          .catch(() => undefined)
          .then((answer) => (isTaken(answer) ? true : undefined)),
      30_000,
    );
    expect(await tell('before')).toMatchObject({ duplicates: 1 });
  });

  it('loses nothing that it accepted when everything is killed at once', async () => {
    const told = await Promise.all(Array.from({ length: 50 }, (_, i) => tell(`rush-${i}`)));
    expect(told.every(isTaken)).toBe(true);
    const pids = processesOf(company);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until(allGone(pids), 10_000);
    company = await startCompany({ dataDir, keepData: true });
    for (const id of ['before', 'after', 'rush-0', 'rush-49'])
      expect(await tell(id)).toMatchObject({ duplicates: 1 });
  });

  it('stops its parts and Postgres when the supervisor is killed', async () => {
    const pids = processesOf(company);
    process.kill(company.run().pid, 'SIGKILL');
    await until(allGone(pids), 20_000);
    company = await startCompany({ dataDir, keepData: true });
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    const pids = processesOf(company);
    await company.stop();
    expect(pids.filter((pid) => processIdentity(pid) !== undefined)).toEqual([]);
    expect(existsSync(path.join(dataDir, 'run.json'))).toBe(false);
  });
});

function isTaken(answer: unknown): boolean {
  const { accepted = 0, duplicates = 0 } = (answer ?? {}) as { accepted?: number; duplicates?: number };
  return accepted + duplicates === 1;
}

describe('backup', () => {
  it('of a running company comes back whole in another folder', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'zhanggui-backup-'));
    const [backup, restored] = [path.join(folder, 'backup'), path.join(folder, 'restored')];
    const company = await startCompany();
    try {
      expect((await company.zg(['key', 'create', '--name', 'kept', '--scopes', 'read'])).code).toBe(0);
      expect(await script('backup.ts', [backup], company.dataDir)).toBe(0);
      expect((await company.zg(['key', 'create', '--name', 'later', '--scopes', 'read'])).code).toBe(0);
      expect(await script('restore.ts', [backup], company.dataDir)).toBe(1);
    } finally {
      await company.stop();
    }
    expect(await script('restore.ts', [backup], restored)).toBe(0);
    const again = await startCompany({ dataDir: restored });
    try {
      const keys = await again.zg(['key', 'list', '--json']);
      expect(keys.stdout).toContain('kept');
      expect(keys.stdout).not.toContain('later');
    } finally {
      await again.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function script(file: string, args: string[], dataDir: string): Promise<number> {
  const env = { ...process.env, DATABASE_URL: '', DATA_DIR: dataDir };
  const child = spawn(process.execPath, [path.join('server/boot', file), ...args], {
    cwd: repositoryRoot,
    env,
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? -1;
}
