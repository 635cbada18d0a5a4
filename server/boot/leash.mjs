/**
 * Loaded before a supervised process's own code. Its stdin is a pipe from the supervisor: when that ends, the supervisor is
 * gone, by SIGKILL perhaps, and nobody else would ever stop this process. It then gets the signal of an orderly stop.
 */
import process from 'node:process';

/** Longer than any drain takes. */
const PATIENCE_MS = 30_000;

// Children and threads of the supervised process inherit this file by its exec arguments, but not the pipe.
if (process.env.ZHANGGUI_LEASHED === undefined) {
  process.env.ZHANGGUI_LEASHED = String(process.pid);
  process.stdin.on('error', () => undefined);
  process.stdin.once('close', () => {
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  process.stdin.resume();
  // Listening alone must not keep a process alive that has nothing else to do.
  process.stdin.unref?.();
}
