/** The container's health check: exit 0 while the workers here beat. */
import { isAlive } from './heartbeat.ts';

process.exitCode = isAlive(Date.now()) ? 0 : 1;
