import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter } from '@sveltejs/kit';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/**
 * SvelteKit starts an app with a script inside the page. Our server's `script-src 'self'` forbids those, and a hash in
 * the header would tie the server to one build. So the script moves to a file of its own, named by its hash.
 *
 * Wraps an adapter whose fallback page is `build/200.html`. Runs before that page is compressed, so `precompress` of the
 * wrapped adapter must leave the page alone: see below.
 */
export function withExternalBootstrap(inner: Adapter): Adapter {
  return {
    ...inner,
    async adapt(builder) {
      const moved = {
        ...builder,
        async generateFallback(page: string) {
          await builder.generateFallback(page);
          moveScripts(page, builder.config.appDir);
        },
      };
      await inner.adapt(moved);
    },
  };
}

function moveScripts(page: string, appDir: string): void {
  const html = readFileSync(page, 'utf8');
  const external = html.replace(INLINE_SCRIPT, (_, source: string) => {
    const name = `${appDir}/immutable/boot.${createHash('sha256').update(source).digest('hex').slice(0, 12)}.js`;
    writeFileSync(join(page, '..', name), source.trim());
    // `defer` keeps what the inline place gave it: the page is parsed, and the mount point exists.
    return `<script src="/${name}" defer></script>`;
  });
  if (external === html) throw new Error('200.html holds no inline script: SvelteKit changed how it starts');
  writeFileSync(page, external);
}
