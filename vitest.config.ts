import { defineConfig } from 'vitest/config';

const rooms =
  'activities,client,config,contract,encryption,faults,http,polling,properties,providers,results,simulator,upload';
// What leaves nothing behind in its process: its modules serve one file after the other. The replay sets up the SDK in
// a way of its own.
const tidy = [`test/{${rooms}}/**/*.test.ts`, 'test/workflows/!(replay).test.ts'];

const times = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // One Temporal server for all.
    globalSetup: ['test/setup/global.ts'],
    // Files run side by side, tests in a file in turn; many wait for a server, so two more than there are cores.
    maxWorkers: 4,
    projects: [
      { test: { ...times, name: 'tidy', include: tidy, isolate: false } },
      { test: { ...times, name: 'apart', include: ['test/**/*.test.ts'], exclude: tidy } },
    ],
  },
});
