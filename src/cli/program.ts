import { createRequire } from 'node:module';
import { Command } from 'commander';
import { providerNames, providers } from '../providers/registry.ts';
import type { CommandContext } from './command-context.ts';
import { helpOnEnvironment } from './help-text.ts';

type AddCommand = (program: Command, context: CommandContext) => void;

// Only the command that is asked for is loaded, as some bring half of Temporal's SDK with them.
const commands: Record<string, () => Promise<AddCommand>> = {
  demo: async () => (await import('./commands/demo.ts')).addDemoCommand,
  dev: async () => (await import('./commands/dev.ts')).addDevCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  worker: async () => (await import('./commands/worker.ts')).addWorkerCommand,
  'codec-server': async () => (await import('./commands/codec-server.ts')).addCodecServerCommand,
  simulator: async () => (await import('./commands/simulator.ts')).addSimulatorCommand,
  run: async () => (await import('./commands/run.ts')).addRunCommand,
  track: async () => (await import('./commands/track.ts')).addTrackCommand,
  pipeline: async () => (await import('./commands/pipeline.ts')).addPipelineCommand,
  status: async () => (await import('./commands/status.ts')).addStatusCommand,
  list: async () => (await import('./commands/list.ts')).addListCommand,
  cancel: async () => (await import('./commands/cancel.ts')).addCancelCommand,
  resume: async () => (await import('./commands/resume.ts')).addResumeCommand,
  again: async () => (await import('./commands/again.ts')).addAgainCommand,
  priors: async () => (await import('./commands/priors.ts')).addPriorsCommand,
  sweep: async () => (await import('./commands/sweep.ts')).addSweepCommand,
  schedules: async () => (await import('./commands/schedules.ts')).addSchedulesCommand,
};

// Beside `src` and `dist` alike.
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The command line as far as these words need it: the command that they name, else all of them. */
export async function createProgram(context: CommandContext, words: readonly string[]): Promise<Command> {
  const titles = providerNames.map((name) => providers[name].title).join(', ');
  const program = new Command('provider-jobs')
    .description(`Durable jobs at ${titles}, as Temporal workflows.`)
    .version(version)
    .helpCommand(false)
    .showHelpAfterError('(`--help` after any command explains it)')
    .exitOverride()
    .addHelpText('after', () => helpOnEnvironment());
  const named = Object.hasOwn(commands, words[0] ?? '') ? [words[0] ?? ''] : Object.keys(commands);
  for (const name of named) (await commands[name]?.())?.(program, context);
  return program;
}
