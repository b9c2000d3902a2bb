import { defineConfig } from 'vitest/config';

// What leaves nothing behind in its process: its modules serve one file after the other.
const tidy = [
  ...[
    'activities',
    'config',
    'contract',
    'http',
    'polling',
    'properties',
    'providers',
    'results',
    'simulator',
    'upload',
  ],
  ...['client', 'encryption', 'faults', 'workflows'],
];
const apart = ['cli', 'crash', 'dev', 'package', 'schedules', 'types', 'worker'];
// It sets up the SDK in its own way.
const untidy = 'test/workflows/replay.test.ts';

const filesOf = (rooms: readonly string[]) => rooms.map((room) => `test/${room}/**/*.test.ts`);

const times = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // One Temporal server for all.
    globalSetup: ['test/setup/global.ts'],
    // Files run side by side, tests in a file in turn; many wait for a server, so one more than there are cores.
    maxWorkers: 3,
    projects: [
      { test: { ...times, name: 'tidy', include: filesOf(tidy), exclude: [untidy], isolate: false } },
      { test: { ...times, name: 'apart', include: ['test/*.test.ts', ...apart] } },
    ],
  },
});
