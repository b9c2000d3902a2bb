import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { allSettings } from '../../src/config/settings.ts';
import { runProgram } from './run-program.ts';

const context = { environment: {}, cwd: '/', mainFile: '/main.ts' };
const program = await createProgram(context, []);

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...allCommands(each)]);
}

async function helpOf(words: string[]): Promise<string> {
  const one = await createProgram(context, words);
  let text = '';
  const listen = (command: Command) => {
    command.configureOutput({ writeOut: (part) => (text += part) });
    command.commands.forEach(listen);
  };
  listen(one);
  await one.parseAsync([...words, '--help'], { from: 'user' }).catch(() => undefined);
  return text;
}

function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

describe('--help', () => {
  test('lists every command with a summary, the exit codes and every setting', async () => {
    const text = await helpOf([]);
    for (const command of program.commands) expect(text).toContain(command.summary().slice(0, 20));
    for (const name of Object.keys(allSettings())) expect(text).toContain(`  ${name}`);
    for (const code of ['0  succeeded', '1  ended otherwise', '2  wrong usage']) expect(text).toContain(code);
  });

  test.each(allCommands(program).map((command) => wordsOf(command)))(
    'teaches %s %s with an example',
    async (...words) => {
      const text = await helpOf(words.filter((word) => typeof word === 'string'));
      expect(text).toContain(`Usage: provider-jobs ${words.join(' ')}`);
      expect(text).toMatch(/Examples?:\n {2}\$ provider-jobs /);
    },
  );

  test('ends with 0 in a process of its own', async () => {
    const { exitCode, stdout, stderr } = await runProgram(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Usage: provider-jobs');
  });
});
