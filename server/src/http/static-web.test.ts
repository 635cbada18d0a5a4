import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { afterAll, describe, expect, it } from 'vitest';
import { inlineScriptHashes, readWebBuild, webRouter } from './static-web.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'zhanggui-web-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a web build', () => {
  it('is absent until it is built', () => {
    expect(readWebBuild(path.join(folder, 'none'))).toBeNull();
  });

  it('tells its version and what its page runs inline', async () => {
    mkdirSync(path.join(folder, '_app/immutable'), { recursive: true });
    const page = '<html><script src="/a.js"></script><script type="module">\n  start();\n</script></html>';
    writeFileSync(path.join(folder, '200.html'), page);
    writeFileSync(path.join(folder, '_app/version.json'), '{"version":"17"}');
    writeFileSync(path.join(folder, '_app/immutable/a.js'), 'a');
    const build = readWebBuild(folder);
    const hash = createHash('sha256').update('\n  start();\n').digest('base64');
    expect(build).toMatchObject({ version: '17', inlineScriptHashes: [`sha256-${hash}`] });

    const server = express().use(webRouter(build)).listen(0);
    try {
      const port = (server.address() as { port: number }).port;
      const get = (file: string) => fetch(`http://127.0.0.1:${port}${file}`);
      const immutable = await get('/_app/immutable/a.js');
      expect(immutable.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect((await get('/_app/version.json')).headers.get('cache-control')).toBe('no-cache');
      expect((await get('/_app/immutable/gone.js')).status).toBe(404);
      expect(await (await get('/wall')).text()).toBe(page);
      expect(await (await get('/')).text()).toBe(page);
      expect((await get('/../package.json')).status).toBe(404);
    } finally {
      server.close();
    }
  });

  it('has no hash for scripts that come from files', () => {
    expect(inlineScriptHashes('<script src="/a.js"></script><script async src="/b.js"></script>')).toEqual(
      [],
    );
  });
});
