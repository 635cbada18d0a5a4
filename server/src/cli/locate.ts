/** Where the running company is: told by DATABASE_URL, or by the file that a running one keeps in its data folder. */
import { readRunFile } from '@zhanggui/shared/platform/run-file.ts';
import { parseSettings, SettingsError, type Settings } from '@zhanggui/shared/platform/settings.ts';
import { CliError } from './errors.ts';

export type CompanyAddress = {
  databaseUrl: string;
  /** Where its HTTP API answers, as seen from this machine. */
  serverUrl: string;
  /** Where people reach it. */
  publicUrl: string;
};

/**
 * The company of this environment. Where DATABASE_URL says which, its server is the one of the data folder if that has the
 * same database, else at PUBLIC_URL, or on PORT of this machine. Throws CliError where none runs.
 */
export function locateCompany(env: NodeJS.ProcessEnv): CompanyAddress {
  const { databaseUrl, dataDir, publicUrl } = settingsOf(env);
  const run = runFileOf(dataDir);
  if (databaseUrl !== undefined && run?.databaseUrl !== databaseUrl)
    return { databaseUrl, serverUrl: publicUrl, publicUrl };
  if (run === undefined)
    throw new CliError(
      `No company runs in ${dataDir}. Start it with "npm start", or say where it is with DATA_DIR or DATABASE_URL.`,
    );
  if (run.databaseUrl === undefined || run.serverUrl === undefined)
    throw new CliError(`The company in ${dataDir} is still starting. Try again in a moment.`);
  return { databaseUrl: run.databaseUrl, serverUrl: run.serverUrl, publicUrl: run.publicUrl ?? publicUrl };
}

function settingsOf(env: NodeJS.ProcessEnv): Settings {
  try {
    return parseSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) throw new CliError(error.message, undefined, { cause: error });
    throw error;
  }
}

function runFileOf(dataDir: string) {
  try {
    return readRunFile(dataDir);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), undefined, { cause: error });
  }
}
