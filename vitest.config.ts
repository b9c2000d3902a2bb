import { defineConfig } from 'vitest/config';

// These change their process: its environment, its streams, the SDK's runtime, the registry of providers.
const apart = [
  'test/{observability,s3}/*.test.ts',
  'test/cli/{usage,standard-streams,encrypted-demo}.test.ts',
  'test/dev/temporal-server.test.ts',
  'test/examples/temporal-cli.test.ts',
  'test/worker/{provider-jobs-plugin,tracked-only-provider,worker,worker-faults}.test.ts',
  'test/workflows/replay.test.ts',
];

const times = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  test: {
    // One Temporal server for all.
    globalSetup: ['test/setup/global.ts'],
    // Files run side by side, tests in a file in turn; many wait for a server, so more than there are cores.
    maxWorkers: 5,
    projects: [
      // The modules serve one file after the other.
      { test: { ...times, name: 'tidy', include: ['test/**/*.test.ts'], exclude: apart, isolate: false } },
      { test: { ...times, name: 'apart', include: apart } },
    ],
  },
});
