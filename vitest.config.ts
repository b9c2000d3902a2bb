import { defineConfig } from 'vitest/config';

// These need no Temporal server and leave nothing behind in their process: its modules serve one file after the other.
const plain = [
  'activities',
  'http',
  'polling',
  'properties',
  'providers',
  'results',
  'simulator',
  'upload',
  'contract',
  'config',
];

export default defineConfig({
  test: {
    // The suite shares one Temporal server on a small machine; files run side by side, tests in a file in turn. Many of
    // them wait for a server, so one more than there are cores.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'plain', include: plain.map((room) => `test/${room}/**/*.test.ts`), isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          globalSetup: ['test/setup/global.ts'],
          include: ['test/**/*.test.ts'],
          exclude: plain.map((room) => `test/${room}/**`),
        },
      },
    ],
  },
});
