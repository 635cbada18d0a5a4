import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { sourceVersion } from './tools/source-version.ts';
import { withExternalBootstrap } from './tools/external-bootstrap.ts';

const server = process.env.ZHANGGUI_SERVER ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: withExternalBootstrap(adapter({ fallback: '200.html', precompress: true })),
      // A wall compares this with the version in each pulse, and reloads itself when they differ.
      version: { name: sourceVersion(import.meta.dirname) },
      compilerOptions: { runes: true },
    }),
    svelteTesting(),
  ],
  build: { assetsInlineLimit: 0 },
  server: {
    proxy: {
      '/api': server,
      '/admin/jobs': server,
      '/socket.io': { target: server, ws: true },
    },
  },
  test: {
    name: 'web',
    environment: 'jsdom',
    // Making a jsdom for each file took half of the time. Files leave nothing behind: what is mocked, is mocked for all (setup.ts).
    isolate: false,
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
    setupFiles: ['src/lib/testing/setup.ts'],
  },
});
