import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { LEDGER_APPLICATION } from '@zhanggui/shared/platform/give-way.ts';
import { openPlatform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import {
  loadDotEnv,
  parseSettings,
  repositoryRoot,
  SettingsError,
} from '@zhanggui/shared/platform/settings.ts';
import { readWebBuild } from './http/static-web.ts';
import { serve } from './serve.ts';

/** Runs a server until told to stop. Any number of these may run beside each other, on one database. */
async function main(): Promise<void> {
  loadDotEnv();
  const settings = parseSettings(process.env);
  const log = createLog('server', settings.logLevel);
  const platform = await openPlatform(settings, log, { application: 'zhanggui server', sockets: true });
  const url = settings.databaseUrl ?? '';
  const ledgerSql = connect(url, { max: 3, application: LEDGER_APPLICATION, wide: true });
  const boardSql = connect(url, { max: 4, application: 'zhanggui board' });
  const web = readWebBuild(path.join(repositoryRoot, 'web/build'));
  const { sql, hints, queues, socketAdapter } = platform;

  const closePools = async (): Promise<void> => {
    await Promise.all([ledgerSql.end({ timeout: 5 }), boardSql.end({ timeout: 5 })]);
    await platform.close();
  };
  const server = await serve({
    settings,
    log,
    hints,
    queues,
    socketAdapter,
    sql,
    ledgerSql,
    boardSql,
    web,
    version: productVersion(),
  }).catch(async (error: unknown) => {
    await closePools();
    throw error;
  });
  log.info({ port: server.port, host: settings.host, web: web?.version ?? null }, 'server ready');
  process.send?.({ listening: server.port });

  let stopping = false;
  const stop = (signal: string): void => {
    // Ctrl-C reaches us from the terminal and from the supervisor.
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'server drains');
    server
      .close()
      .then(closePools)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'server did not drain');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function productVersion(): string {
  const file = path.join(repositoryRoot, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

main().catch((error: unknown) => {
  if (error instanceof SettingsError) process.stderr.write(`${error.message}\n`);
  else createLog('server', 'error').fatal({ err: error }, 'server could not start');
  process.exit(1);
});
