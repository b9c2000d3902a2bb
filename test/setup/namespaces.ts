import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// The server works for each namespace all the time: those that no test looks at would take a fifth of a core.
const needsNamespace = /(world|describe-course)\.ts'|namespaceOf/;

const testFiles = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && needsNamespace.test(readFileSync(join(root, file), 'utf8')))
  .sort();

/** How many namespaces the suite needs: one for each test file with a world. */
export const namespaceCount = testFiles.length;

/** The namespace that belongs to a test file, so that files which run side by side never meet; long runs come one by one. */
export function namespaceOf(testPath: string): string {
  if (testPath.endsWith('.long.ts')) return 'default';
  const index = testFiles.findIndex((file) => testPath.endsWith(`/${file}`));
  if (index === -1) throw new Error(`${testPath} imports no world and does not name namespaceOf`);
  return `test-${String(index)}`;
}
