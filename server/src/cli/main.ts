#!/usr/bin/env node
import { loadDotEnv } from '@zhanggui/shared/platform/settings.ts';
import { processIo } from './io.ts';
import { runZg } from './program.ts';

loadDotEnv();
// Not process.exit: what was written to a pipe must get out first.
process.exitCode = await runZg(process.argv.slice(2), processIo());
