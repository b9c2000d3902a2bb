import { mkdir, writeFile } from 'node:fs/promises';
import { contractFiles, pathOf } from './files.ts';

await mkdir(pathOf('schemas'), { recursive: true });
for (const [name, content] of await contractFiles()) await writeFile(pathOf(name), content);
