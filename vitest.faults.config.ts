import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: every cell of the fault matrix, of which `npm test` runs a slice. */
export default defineConfig({
  test: {
    include: ['test/faults/*.test.ts'],
    globalSetup: ['test/setup/global.ts'],
    provide: { wholeFaultMatrix: true },
    maxWorkers: 2,
    maxConcurrency: 8,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
