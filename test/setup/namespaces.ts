import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const testFiles = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .sort();

/** How many namespaces the suite needs: one for each test file. */
export const namespaceCount = testFiles.length;

/** The namespace that belongs to a test file, so that files which run side by side never meet; long runs come one by one. */
export function namespaceOf(testPath: string): string {
  if (testPath.endsWith('.long.ts')) return 'default';
  const index = testFiles.findIndex((file) => testPath.endsWith(`/${file}`));
  if (index === -1) throw new Error(`${testPath} is not below ${root}`);
  return `test-${String(index)}`;
}
