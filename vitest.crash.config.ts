import { defineConfig } from 'vitest/config';

/**
 * `npm run test:crash`, `test:examples`, `test:languages`, `test:load`, `test:operations`, `test:package` and
 * `test:weather`: long runs, one after the other, against workers as they are built.
 */
export default defineConfig({
  test: {
    include: ['test/{crash,languages,load,operations,package,weather}/*.long.ts'],
    globalSetup: ['test/setup/global.ts'],
    fileParallelism: false,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
