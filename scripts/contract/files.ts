import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { makeSchemas } from './schemas.ts';
import { makeTables } from './tables.ts';

const root = new URL('../../', import.meta.url);
const contractPage = 'docs/contract.md';

/** The absolute path of a file of the contract. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(name, root));
}

/** Puts the tables into the page, each between its two marks. */
function fillIn(page: string, tables: Record<string, string>): string {
  const mark = /(<!-- made from code: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g;
  const used = new Set<string>();
  const filled = page.replace(mark, (_, begin: string, name: string, end: string) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`${contractPage}: there is no table ${name}`);
    used.add(name);
    return `${begin}\n${table}\n\n${end}`;
  });
  const missing = Object.keys(tables).filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`${contractPage} lacks ${missing.join(', ')}`);
  return filled;
}

/** Every file of the contract that is made from the code, by its path in the repository. */
export async function contractFiles(): Promise<Map<string, string>> {
  const schemas = makeSchemas();
  const options = { ...(await prettier.resolveConfig(pathOf('package.json'))), parser: 'json' };
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    files.set(`schemas/${name}.json`, await prettier.format(JSON.stringify(schema), options));
  }
  files.set(contractPage, fillIn(await readFile(pathOf(contractPage), 'utf8'), makeTables(schemas)));
  return files;
}
