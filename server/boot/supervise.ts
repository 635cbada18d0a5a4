/**
 * Runs a company: Postgres (unless DATABASE_URL names one), the schema, the web app, and then server, workers and the
 * demo company as processes of their own, which it starts again when they fall. Ends only when told to, in order, and
 * leaves nothing behind.
 */
import { createLog, type Log } from '@zhanggui/shared/platform/log.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@zhanggui/shared/platform/embedded-postgres.ts';
import { claimDataDir, removeRunFile, writeRunFile } from '@zhanggui/shared/platform/run-file.ts';
import {
  loadDotEnv,
  parseSettings,
  SettingsError,
  urlOf,
  type Settings,
} from '@zhanggui/shared/platform/settings.ts';
import { buildWeb } from './build-web.ts';
import { keep, type Child } from './child.ts';
import { claimPort, localUrl, untilReady, welcome } from './company.ts';
import { plans } from './plans.ts';
import { prepareDatabase } from './prepare.ts';

/** Thrown out of a start that was told to stop before it was through. */
class Stopped extends Error {}

class Supervisor {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #dev: boolean;
  readonly #parts = new Map<string, Child>();
  #postgres: EmbeddedPostgres | undefined;
  readonly #building = new AbortController();
  #stopping = false;

  constructor(settings: Settings, log: Log, dev: boolean) {
    this.#settings = settings;
    this.#log = log;
    this.#dev = dev;
  }

  /** Brings everything up and returns when people can come in. */
  async start(): Promise<void> {
    const { host, dataDir } = this.#settings;
    let run = claimDataDir(dataDir, new Date().toISOString());
    const port = await claimPort(host, this.#settings.port);
    // In development Vite has the port that people know, and the server one behind it.
    const serverPort = this.#dev ? await claimPort('127.0.0.1', 0) : port;
    const publicUrl = process.env['PUBLIC_URL'] ? this.#settings.publicUrl : urlOf(host, port);
    const serverUrl = localUrl(this.#dev ? '127.0.0.1' : host, serverPort);

    const web = this.#dev ? Promise.resolve(false) : buildWeb(this.#building.signal);
    // Looked at below; until then its failure must not count as unhandled.
    web.catch(() => undefined);
    const databaseUrl = this.#settings.databaseUrl ?? (await this.#startPostgres());
    const migrated = await prepareDatabase(databaseUrl, this.#settings);
    if (migrated.length > 0) this.#log.info({ migrated }, 'schema brought up to date');
    if (await web) this.#log.info('web app built');
    this.#goOn();

    run = { ...run, databaseUrl, serverUrl, publicUrl };
    const note = (): void => writeRunFile(dataDir, { ...run, parts: this.#pids() });
    const wiring = { databaseUrl, publicUrl, serverUrl, serverPort, port };
    for (const plan of plans(this.#settings, wiring, this.#dev)) {
      // The demo company is a client like any other: it needs a server that answers.
      if (plan.after === 'ready') await this.#untilServes(serverUrl);
      this.#parts.set(plan.name, keep(plan, this.#log, note));
    }
    await this.#untilServes(serverUrl);
    note();
    process.stdout.write(await welcome(databaseUrl, publicUrl, dataDir));
  }

  /** Clients first, then those they talk to. May be called again, for what was only being started the first time. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#building.abort();
    for (const names of [
      ['demo', 'web'],
      ['server', 'workers'],
    ])
      await Promise.all(names.map((name) => this.#parts.get(name)?.stop() ?? Promise.resolve()));
    await this.#postgres?.stop();
    removeRunFile(this.#settings.dataDir);
  }

  async #startPostgres(): Promise<string> {
    this.#postgres = await startEmbeddedPostgres(this.#settings.dataDir);
    this.#watchPostgres(this.#postgres);
    this.#goOn();
    return this.#postgres.url;
  }

  /** A Postgres that was killed comes back on the same port: the others only see that it was away for a moment. */
  #watchPostgres({ ended, port }: EmbeddedPostgres): void {
    void ended.then(async (code) => {
      if (this.#stopping) return;
      this.#log.error({ code }, 'Postgres ended unexpectedly and is started again');
      try {
        this.#postgres = await startEmbeddedPostgres(this.#settings.dataDir, { port });
        if (this.#stopping) await this.#postgres.stop();
        else this.#watchPostgres(this.#postgres);
      } catch (error) {
        this.#log.fatal({ err: error }, 'Postgres could not be started again');
        await this.stop();
        process.exit(1);
      }
    });
  }

  async #untilServes(serverUrl: string): Promise<void> {
    const server = this.#parts.get('server');
    let fell: number | null | undefined;
    void server?.firstEnd.then((code) => (fell = code));
    if (await untilReady(serverUrl, () => this.#stopping || fell !== undefined)) return;
    this.#goOn();
    throw new Error(`The server ended while it was starting (code ${fell}); its log above says why`);
  }

  #pids(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const [name, { pid }] of this.#parts) if (pid !== undefined) pids[name] = pid;
    return pids;
  }

  #goOn(): void {
    if (this.#stopping) throw new Stopped();
  }
}

async function main(): Promise<void> {
  loadDotEnv();
  const settings = parseSettings(process.env);
  const log = createLog('boot', settings.logLevel);
  const supervisor = new Supervisor(settings, log, process.argv.includes('--dev'));

  let begun: Promise<void> = Promise.resolve();
  let ending = false;
  const end = (code: number): void => {
    if (ending) return;
    ending = true;
    // Whatever is just being started is let through first, so that it can be stopped like the rest.
    const stopped = supervisor.stop();
    void Promise.allSettled([begun, stopped])
      .then(() => supervisor.stop())
      .finally(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!ending) process.stderr.write('Stopping …\n');
      end(0);
    });
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(0), 500).unref();

  begun = supervisor.start();
  try {
    await begun;
  } catch (error) {
    if (error instanceof Stopped || ending) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof SettingsError)) log.debug({ err: error }, 'start failed');
    end(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
