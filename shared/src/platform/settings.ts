import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the repository stands: paths in settings are relative to it, wherever a command is started from. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../../..');

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Everything that can be set, parsed once at start. `.env.example` says what each is for. */
export type Settings = {
  /** TCP port of the server; 0 lets the system choose. */
  port: number;
  /** Address to listen on: this machine alone in embedded mode, else all. */
  host: string;
  /** URL of an existing Postgres, or undefined: embedded mode. */
  databaseUrl: string | undefined;
  /** URL of a Redis, or undefined: queues and hints go through Postgres. */
  redisUrl: string | undefined;
  /** Absolute path of the folder with all that the company must keep. */
  dataDir: string;
  /** Whether the demo company is founded and fed. */
  demo: boolean;
  /** IANA time zone in which business days are cut. */
  timeZone: string;
  /** ISO 4217 code of the money. */
  currency: string;
  /** How people and screens reach the server, without a slash at the end. */
  publicUrl: string;
  logLevel: LogLevel;
  /** Whether messages and webhooks may go to this machine, over plain http too: for trying them out. */
  deliveryLocal: boolean;
  /** Whether messages and webhooks go out at all: not from a copy of a company that is rehearsed on. */
  delivers: boolean;
  /** Months of ledger to keep beside the current one, or undefined: for ever. */
  ledgerRetentionMonths: number | undefined;
};

/** A setting that cannot be used. The message begins with its name. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

type Environment = Record<string, string | undefined>;

/** Adds `.env` of the repository to `process.env`; what is set already wins. */
export function loadDotEnv(): void {
  const file = path.join(repositoryRoot, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

/** Parses the settings. Throws a SettingsError that names the variable. An empty value counts as not set. */
export function parseSettings(env: Environment): Settings {
  const databaseUrl = url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  const embedded = databaseUrl === undefined;
  const port = integer(env, 'PORT', 0, 65_535) ?? 3000;
  const host = text(env, 'HOST') ?? (embedded ? '127.0.0.1' : '0.0.0.0');
  return {
    port,
    host,
    databaseUrl,
    redisUrl: url(env, 'REDIS_URL', ['redis:', 'rediss:']),
    dataDir: path.resolve(repositoryRoot, text(env, 'DATA_DIR') ?? '.data'),
    demo: (choice(env, 'DEMO', ['on', 'off']) ?? (embedded ? 'on' : 'off')) === 'on',
    timeZone: timeZone(env),
    currency: currency(env),
    publicUrl: (url(env, 'PUBLIC_URL', ['http:', 'https:']) ?? urlOf(host, port)).replace(/\/+$/, ''),
    logLevel: choice(env, 'LOG_LEVEL', logLevels) ?? 'info',
    deliveryLocal: choice(env, 'DELIVERY_LOCAL', ['on', 'off']) === 'on',
    delivers: choice(env, 'DELIVERY', ['on', 'off']) !== 'off',
    // Two at least: facts repeated within 30 days must be recognised, and a month may just have begun.
    ledgerRetentionMonths: integer(env, 'LEDGER_RETENTION_MONTHS', 2, 1200),
  };
}

/** The address at which a browser on this machine reaches a server that listens on `host`. */
export function urlOf(host: string, port: number): string {
  const anywhere = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1';
  const name = anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function integer(env: Environment, name: string, least: number, most: number): number | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (!(number >= least && number <= most))
    throw new SettingsError(`${name} must be a whole number from ${least} to ${most}, not "${value}"`);
  return number;
}

function choice<T extends string>(env: Environment, name: string, values: readonly T[]): T | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const found = values.find((known) => known === value.toLowerCase());
  if (!found) throw new SettingsError(`${name} must be one of ${values.join(', ')}, not "${value}"`);
  return found;
}

function url(env: Environment, name: string, protocols: string[]): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  // The value itself stays out of the message: it may hold a password.
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
    throw new SettingsError(
      `${name} must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  return value;
}

function timeZone(env: Environment): string {
  const value = text(env, 'BUSINESS_TZ') ?? 'Asia/Shanghai';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new SettingsError(`BUSINESS_TZ must be a time zone like Asia/Shanghai, not "${value}"`);
  }
}

function currency(env: Environment): string {
  const value = (text(env, 'CURRENCY') ?? 'CNY').toUpperCase();
  if (!Intl.supportedValuesOf('currency').includes(value))
    throw new SettingsError(`CURRENCY must be an ISO 4217 code like CNY, not "${value}"`);
  return value;
}
