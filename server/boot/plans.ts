import path from 'node:path';
import { repositoryRoot, type Settings } from '@zhanggui/shared/platform/settings.ts';
import type { ChildPlan } from './child.ts';

/** What the supervisor found out: addresses and ports. */
export type Wiring = {
  databaseUrl: string;
  publicUrl: string;
  serverUrl: string;
  serverPort: number;
  port: number;
};

export type Plan = ChildPlan & { after?: 'ready' };

/**
 * A server's garbage is short-lived: with V8's own choice of 16 MiB and more for it, the same load took 300 MB instead of 240
 * and its slowest commits twice as long (`npm run bench -- latency`). And it is collected when the heap has doubled, not
 * four times as large: 270 MB instead of 400 after a load, at the same cost (`npm run bench -- ingest`). The Dockerfile says the same.
 */
export const SERVER_FLAGS: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=100'];

/** The processes of a company, in the order in which they are started. */
export function plans(settings: Settings, wiring: Wiring, dev: boolean): Plan[] {
  const env = environment(settings, wiring, dev);
  const watch = dev ? ['--watch', '--watch-preserve-output'] : [];
  const list: Plan[] = [
    { name: 'server', args: [...SERVER_FLAGS, ...watch, 'server/src/main.ts'], env },
    { name: 'workers', args: [...watch, 'workers/src/main.ts'], env },
  ];
  if (dev) list.push(vite(settings, wiring, env));
  if (settings.demo)
    list.push({ name: 'demo', args: ['server/src/cli/main.ts', 'demo'], env, doneWith: [0], after: 'ready' });
  return list;
}

/** The settings as they turned out, so that every process goes by the same. */
function environment(settings: Settings, wiring: Wiring, dev: boolean): NodeJS.ProcessEnv {
  const { host, redisUrl, dataDir, demo, timeZone, currency, logLevel, ledgerRetentionMonths } = settings;
  return {
    ...process.env,
    HOST: dev ? '127.0.0.1' : host,
    PORT: String(wiring.serverPort),
    DATABASE_URL: wiring.databaseUrl,
    REDIS_URL: redisUrl ?? '',
    DATA_DIR: dataDir,
    DEMO: demo ? 'on' : 'off',
    BUSINESS_TZ: timeZone,
    CURRENCY: currency,
    PUBLIC_URL: wiring.publicUrl,
    LOG_LEVEL: logLevel,
    LEDGER_RETENTION_MONTHS: ledgerRetentionMonths === undefined ? '' : String(ledgerRetentionMonths),
    NODE_ENV: dev ? 'development' : 'production',
  };
}

/** Serves the web app from its sources, and passes the rest on to the server. */
function vite({ host }: Settings, { port, serverUrl }: Wiring, env: NodeJS.ProcessEnv): Plan {
  const bin = path.join(repositoryRoot, 'node_modules/vite/bin/vite.js');
  return {
    name: 'web',
    args: [bin, 'dev', '--host', host, '--port', String(port), '--strictPort', '--clearScreen', 'false'],
    cwd: path.join(repositoryRoot, 'web'),
    env: { ...env, ZHANGGUI_SERVER: serverUrl },
  };
}
