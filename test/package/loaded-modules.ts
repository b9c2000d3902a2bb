import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

// The hooks run on a thread of their own, so that what they see is written rather than kept.
const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    writeSync(1, url + '\\n');
    return next(url, context);
  }`;
const register = `
  import { register } from 'node:module';
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;

/** The URLs of all modules that a new process loads for an import, those that are required included. */
export async function listLoadedModules(specifier: string, cwd: string): Promise<string[]> {
  const program = `
    import { createRequire } from 'node:module';
    import { pathToFileURL } from 'node:url';
    await import(${JSON.stringify(specifier)});
    const required = Object.keys(createRequire(process.cwd() + '/').cache);
    for (const path of required) console.log(pathToFileURL(path).href);`;
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(register)}`,
    '--input-type=module',
    '-e',
    program,
  ];
  const { stdout } = await run(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(stdout.split('\n').filter((line) => line.startsWith('file:')))];
}
