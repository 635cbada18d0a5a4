import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSignInLink } from '@zhanggui/shared/access/access-store.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { SettingsError, urlOf } from '@zhanggui/shared/platform/settings.ts';

/** Whether a port can be listened on; 0 is answered with a free one. Throws a SettingsError that names PORT or HOST. */
export async function claimPort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE')
      throw new SettingsError(
        `PORT ${port} is taken by another program: stop it, or set PORT to another (PORT=3001 npm start)`,
      );
    if (code === 'EACCES')
      throw new SettingsError(`PORT ${port} may not be used by this user: set PORT above 1023`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new SettingsError(`HOST ${host} is no address of this machine`);
    throw error;
  } finally {
    server.close();
  }
}

/** The local address of a server that listens on `host`. */
export function localUrl(host: string, port: number): string {
  return host === '0.0.0.0' || host === '::'
    ? `http://127.0.0.1:${port}`
    : urlOf(host, port).replace('localhost', '127.0.0.1');
}

/** Waits until the server takes facts and pushes the board; false when `gaveUp` came first. */
export async function untilReady(serverUrl: string, gaveUp: () => boolean): Promise<boolean> {
  while (!gaveUp()) {
    try {
      const answer = await fetch(`${serverUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      if (answer.ok) return true;
    } catch {
      // It does not listen yet.
    }
    await sleep(50);
  }
  return false;
}

/** What the operator sees when all is up. The link signs in the first administrator, once. */
export async function welcome(databaseUrl: string, publicUrl: string, dataDir: string): Promise<string> {
  const sql = connect(databaseUrl, { max: 1, application: 'zhanggui boot' });
  try {
    const link = await createSignInLink(sql, { publicUrl });
    return [
      '',
      '  掌柜 Zhanggui is running.',
      '',
      `  Sign in (once, within an hour):  ${link}`,
      `  The wall:                        ${publicUrl}/wall`,
      '',
      `  Everything is kept in ${dataDir}. Ctrl-C stops.`,
      '',
      '',
    ].join('\n');
  } finally {
    await sql.end({ timeout: 5 });
  }
}
