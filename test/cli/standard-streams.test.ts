import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { runProgram } from './run-program.ts';

const module = new URL('../../src/cli/standard-streams.ts', import.meta.url).href;
const lines = 20_000;
const line = 'x'.repeat(99);

/** A program that writes two megabytes at once, has a timer left over, and ends as the command line does. */
function startWriter(exitCode: number) {
  const script = `
    const { endProgram, tolerateLostOutput } = await import(${JSON.stringify(module)});
    tolerateLostOutput();
    setInterval(() => undefined, 1000);
    for (let i = 0; i < ${String(lines)}; i += 1) process.stdout.write('${line}\\n');
    process.stderr.write('written');
    await endProgram(${String(exitCode)});`;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const written = () => eventually('everything is written', () => words.includes('written'));
  return { child, written, words: () => words, exited: once(child, 'exit') };
}

test('gives a reader everything that begins only when all is written, and then ends', async () => {
  const { child, written, exited } = startWriter(0);
  await written();
  let read = 0;
  child.stdout.on('data', (piece: Buffer) => (read += piece.length));
  expect(await exited).toEqual([0, null]);
  await eventually('the reader has it all', () => read === lines * (line.length + 1));
});

test.each([0, 1])('ends with the exit code %i of its command where the reader leaves early', async (exitCode) => {
  const { child, exited, words } = startWriter(exitCode);
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await exited).toEqual([exitCode, null]);
  expect(words()).toBe('written');
});

test.runIf(existsSync('/dev/full'))('ends with 1 where what it wrote could not be kept', async () => {
  const script = `${process.execPath} --import ${import.meta.resolve('tsx')} src/cli/main.ts --version > /dev/full`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(words).toContain('could not be written: ENOSPC');
});

test.each(['--version', '-V'])('%s says which version it is', async (option) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  expect(await runProgram([option])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});
