/**
 * What a wall loads of JavaScript: everything its page needs before it can show a number, compressed as the server sends
 * it. Run after a build: `npm run bundle-size -w web`. Ends with 1 when it is over the limit.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LIMIT_KB = 120;
const web = join(import.meta.dirname, '..');
const client = join(web, '.svelte-kit/output/client');
const nodes = join(web, '.svelte-kit/generated/build/client/nodes');

type Chunk = { file: string; imports?: string[]; isEntry?: boolean };

const manifestFile = join(client, '.vite/manifest.json');
if (!existsSync(manifestFile)) throw new Error('There is no build. Run: npm run build');
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Record<string, Chunk>;

/** The generated module of a route's page or layout, by the component that it names. */
function nodeOf(component: string): string {
  const name = readdirSync(nodes).find((file) =>
    readFileSync(join(nodes, file), 'utf8').includes(`${component}"`),
  );
  if (!name) throw new Error(`no route has ${component}`);
  return `.svelte-kit/generated/build/client-optimized/nodes/${name}`;
}

function collect(key: string, into: Set<string>): void {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`not in the manifest: ${key}`);
  if (into.has(chunk.file)) return;
  into.add(chunk.file);
  for (const each of chunk.imports ?? []) collect(each, into);
}

const files = new Set<string>();
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry && /entry\/(start|app)/.test(chunk.file)) collect(key, files);
}
for (const component of ['routes/+layout.svelte', 'routes/wall/+page.svelte'])
  collect(nodeOf(component), files);

let gzip = 0;
let brotli = 0;
const rows = [...files].map((file) => {
  const source = readFileSync(join(client, file));
  const size = { gzip: gzipSync(source, { level: 9 }).length, brotli: brotliCompressSync(source).length };
  gzip += size.gzip;
  brotli += size.brotli;
  return { file, ...size };
});

const kB = (bytes: number) => (bytes / 1000).toFixed(1).padStart(7);
rows.sort((a, b) => b.gzip - a.gzip);
const lines = rows.map((row) => `${kB(row.gzip)} ${kB(row.brotli)}  ${row.file}`);
lines.unshift('   gzip  brotli  (kB)');
lines.push(`${kB(gzip)} ${kB(brotli)}  the wall's JavaScript; at most ${LIMIT_KB} kB`);
process.stdout.write(`${lines.join('\n')}\n`);
if (gzip > LIMIT_KB * 1000) process.exitCode = 1;
