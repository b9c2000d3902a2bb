import type { LocalStack } from '../dev/local-stack.ts';
import type { Terminal } from './terminal.ts';

/** Prints what another process needs to join: to run jobs, or as a worker beside ours. */
export function sayHowToJoin({ variables, encrypted, temporal }: LocalStack, { say, colors }: Terminal): void {
  say('In another terminal, for `provider-jobs run …`, or for a `provider-jobs worker` beside this one:');
  for (const [name, value] of Object.entries(variables)) say(colors.cyan(`  export ${name}=${value}`));
  if (encrypted) say('It needs the same PROVIDER_JOBS_ENCRYPTION_KEYS too, which are not shown here.');
  if (temporal.webUrl !== null) say(`Web UI: ${temporal.webUrl}`);
}

const consequences: Record<string, string> = {
  worker: 'Jobs wait for another one.',
  simulator: 'What it knew of its jobs is gone: stop everything and start anew.',
  'codec server': 'The Web UI shows no payloads until everything is started anew; jobs go on.',
};

/** Says so when a child ends before it was asked to; for a worker also how to put another in its place. */
export function watchChildren(stack: LocalStack, terminal: Terminal): void {
  for (const { name, ended } of stack.children) {
    void ended.then((reason) => {
      if (stack.isClosing()) return;
      terminal.warn(terminal.colors.yellow(`The ${name} ${reason}. ${consequences[name] ?? ''}`));
      if (name === 'worker') sayHowToJoin(stack, terminal);
    });
  }
}
