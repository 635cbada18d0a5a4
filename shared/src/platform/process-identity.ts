import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Tells a process apart from a later one that got the same number: its number, when it started, and (on Linux) the boot of
 * the machine. A pid alone is not enough to remember across a crash: in a container the numbers begin at 1 each time.
 * Returns undefined when there is no such process.
 */
export function processIdentity(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? identityOnLinux(pid) : identityByPs(pid);
  } catch {
    return undefined;
  }
}

function identityOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name, is in brackets and may hold anything; what follows the last bracket is plain.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startedAt] = [fields[0], fields[19]];
  // A zombie has ended; it only waits for its parent to notice.
  if (state === 'Z' || state === 'X') return undefined;
  return `${pid}:${startedAt}:${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
}

function identityByPs(pid: number): string | undefined {
  const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return started === '' ? undefined : `${pid}:${started}`;
}

/** The command line of a process, or undefined when there is none. */
export function commandOf(pid: number): string | undefined {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
