import { afterAll } from 'vitest';
import { dropDatabases } from './database.ts';

// Runs before each file, so its hook is the last to run after it.
afterAll(dropDatabases);
