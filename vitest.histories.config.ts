import { defineConfig } from 'vitest/config';

/** `npm run histories`: records what is missing in `test/histories/`. */
export default defineConfig({
  test: { include: ['test/histories/record.ts'], globalSetup: ['test/setup/global.ts'], testTimeout: 120_000 },
});
