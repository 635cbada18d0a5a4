import { isDatabaseAway } from '@zhanggui/shared/platform/database.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { logOutage } from '@zhanggui/shared/platform/outage-log.ts';
import { openPlatform } from '@zhanggui/shared/platform/index.ts';
import { loadDotEnv, parseSettings, SettingsError } from '@zhanggui/shared/platform/settings.ts';
import { handlers } from './handlers.ts';
import { startHeartbeat } from './heartbeat.ts';
import { byName, type Handler } from './job.ts';

/** Less than the supervisor and Compose allow. */
const DRAIN_MS = 15_000;
/** How long repeating jobs may stay away after Redis forgot them. */
const SCHEDULE_MS = 10_000;

/** Runs the jobs until told to stop. Any number of these may run beside each other. */
async function main(): Promise<void> {
  loadDotEnv();
  const settings = parseSettings(process.env);
  const log = createLog('workers', settings.logLevel);
  const known = byName(handlers);
  const { sql, hints, queues, close } = await openPlatform(settings, log, {
    application: 'zhanggui workers',
  });

  queues.work(async (name, payload, { id, attempt }) => {
    const context = {
      sql,
      hints,
      queues,
      settings,
      log: log.child({ job: name, id, attempt }),
      now: new Date(),
    };
    // The payload was parsed by the schema of this very name; the types can't see that.
    const handler = known.get(name) as Handler<typeof name>;
    await handler.run(context, payload as never);
  });
  await queues.schedule();
  const note = logOutage(log, 'could not look after the repeating jobs');
  setInterval(() => void queues.schedule().catch(note), SCHEDULE_MS).unref();
  startHeartbeat(sql, log);
  log.info({ jobs: known.size }, 'workers ready');

  // When Postgres is killed, a promise inside the queues' driver fails that nobody there waits for. What runs fails by itself and
  // is run again; ending the process for it would only make the outage longer.
  process.on('unhandledRejection', (error) => {
    if (!isDatabaseAway(error)) throw error;
    log.warn({ err: error }, 'the database went away');
  });

  let stopping = false;
  const stop = (signal: string): void => {
    // Ctrl-C reaches us from the terminal and from the supervisor.
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'workers drain');
    // A store that is away would let the drain wait for ever. What runs is run again elsewhere: jobs are idempotent.
    setTimeout(() => {
      log.warn('workers did not drain in time');
      process.exit(1);
    }, DRAIN_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'workers did not drain');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  if (error instanceof SettingsError) process.stderr.write(`${error.message}\n`);
  else createLog('workers', 'error').fatal({ err: error }, 'workers could not start');
  process.exit(1);
});
