import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import type { Check } from '../doctor/check.ts';
import { checkNode, checkResults, checkSettings, checkTemporalBinary } from '../doctor/check-machine.ts';
import { checkProviders } from '../doctor/check-providers.ts';
import { checkTemporal } from '../doctor/check-temporal.ts';
import { exitCodes } from '../exit-codes.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

/** Adds `doctor`: what is configured, reachable and missing, and what to do. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .summary('say what is configured, reachable and missing, and what to do')
    .description(
      'Looks at settings, providers, Temporal, workers and the result directory. Exit 1 where something fails.',
    )
    .option('--json', 'print the checks as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs doctor')
    .action(({ json }: { json?: boolean }) => runDoctor(createTerminal({ json }), context));
}

async function runDoctor(terminal: Terminal, { environment }: CommandContext): Promise<void> {
  const { config, checks: settings } = checkSettings(environment);
  const [binary, results, providers, temporal] = await Promise.all([
    checkTemporalBinary(environment),
    config === null ? null : checkResults(config),
    config === null ? [] : checkProviders(config),
    checkTemporal(config, environment),
  ]);
  const checks = [checkNode(), ...settings, ...providers, ...temporal, ...(results === null ? [] : [results]), binary];
  for (const check of checks) sayCheck(check, terminal);
  const healthy = checks.every(({ state }) => state !== 'fail');
  terminal.result({ healthy, checks });
  process.exitCode = healthy ? exitCodes.succeeded : exitCodes.endedOtherwise;
}

function sayCheck({ name, state, detail, remedy }: Check, { say, colors }: Terminal): void {
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[state];
  say(`${paint(state.padEnd(4))}  ${colors.bold(name)}: ${detail}`);
  if (remedy !== null) say(`      ${colors.dim('→')} ${remedy}`);
}
