import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = 'http://localhost:5080';

export default defineConfig({
  // Relative, so that the built page works under any path of the server.
  base: './',
  plugins: [react()],
  resolve: {
    alias: {
      // The client's sources, so that the dashboard builds whether or not the client has been.
      'realtimehub-client': here('../../src/realtimehub-client/src/index.ts'),
      '@microsoft/signalr': here('./node_modules/@microsoft/signalr'),
    },
  },
  server: {
    // The host stays as the browser sent it: negotiate answers with an absolute address of the same origin.
    proxy: {
      '/api': { target: server },
      '/auth': { target: server },
      '/hubs': { target: server, ws: true },
    },
    fs: { allow: [here('.'), here('../../src/realtimehub-client')] },
  },
  test: {
    environment: 'node',
    include: ['test/**/*.test.{ts,tsx}'],
  },
});
