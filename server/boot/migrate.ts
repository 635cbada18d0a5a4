/** `docker compose` runs this once before servers and workers start; embedded companies migrate in the supervisor. */
import { loadDotEnv, parseSettings, SettingsError } from '@zhanggui/shared/platform/settings.ts';
import { prepareDatabase } from './prepare.ts';

loadDotEnv();
try {
  const settings = parseSettings(process.env);
  if (settings.databaseUrl === undefined) throw new SettingsError('DATABASE_URL must be set');
  const ran = await prepareDatabase(settings.databaseUrl, settings);
  console.error(ran.length > 0 ? `Migrated: ${ran.join(', ')}` : 'The schema is up to date');
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 1;
}
