import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings, repositoryRoot, urlOf } from './settings.ts';

describe('parseSettings', () => {
  it('needs nothing: embedded, on this machine only, with the demo company', () => {
    expect(parseSettings({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      redisUrl: undefined,
      dataDir: path.join(repositoryRoot, '.data'),
      demo: true,
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
      publicUrl: 'http://localhost:3000',
      logLevel: 'info',
      deliveryLocal: false,
      delivers: true,
      ledgerRetentionMonths: undefined,
    });
  });

  it('listens everywhere and has no demo company on a Postgres of its own', () => {
    const settings = parseSettings({ DATABASE_URL: 'postgres://z:secret@db/zhanggui' });
    expect(settings).toMatchObject({ host: '0.0.0.0', demo: false });
    expect(parseSettings({ DATABASE_URL: 'postgresql://db/z', DEMO: 'on' }).demo).toBe(true);
  });

  it('takes an empty value as not set, and is lenient about case', () => {
    expect(
      parseSettings({ PORT: '', DEMO: 'OFF', CURRENCY: 'gbp', PUBLIC_URL: 'https://z.example/' }),
    ).toMatchObject({
      port: 3000,
      demo: false,
      currency: 'GBP',
      publicUrl: 'https://z.example',
    });
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://u:hunter2@db/x'],
    ['REDIS_URL', 'localhost:6379'],
    ['PUBLIC_URL', 'zhanggui.example'],
    ['DEMO', 'maybe'],
    ['BUSINESS_TZ', 'Mars/Olympus'],
    ['CURRENCY', 'XX'],
    ['LOG_LEVEL', 'loud'],
    ['LEDGER_RETENTION_MONTHS', '1'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => parseSettings({ [name]: value })).toThrow(new RegExp(`^${name} must be`));
  });

  it('keeps passwords out of its messages', () => {
    expect(() => parseSettings({ DATABASE_URL: 'mysql://u:hunter2@db/x' })).not.toThrow(/hunter2/);
  });
});

describe('urlOf', () => {
  it('is an address that a browser can open', () => {
    expect(urlOf('0.0.0.0', 80)).toBe('http://localhost:80');
    expect(urlOf('fd00::1', 3000)).toBe('http://[fd00::1]:3000');
    expect(urlOf('192.168.1.5', 3000)).toBe('http://192.168.1.5:3000');
  });
});
