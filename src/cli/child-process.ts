import { childFlag } from './command-context.ts';
import { exitCodes } from './exit-codes.ts';
import { endProgram } from './standard-streams.ts';

/** What a child of `dev` or `demo` tells once it works. */
export interface ReadyMessage {
  ready: true;
  url?: string;
}

/** What a parent tells its child: a process group to end too, should the parent be gone without a word. */
export interface WardMessage {
  ward: number;
}

/** Whether this process was started by `dev` or `demo`. */
export function isChild(): boolean {
  return process.argv.includes(childFlag);
}

/** Tells the parent, if there is one that listens, that this process works. */
export function reportReady(message: ReadyMessage): void {
  if (isChild() && process.connected) process.send?.(message);
}

function isWard(message: unknown): message is WardMessage {
  return typeof message === 'object' && message !== null && 'ward' in message && typeof message.ward === 'number';
}

const endOfParent = 'the end of the program that started this one';

/**
 * Waits until this process is asked to stop: SIGTERM, SIGINT, or for a child the end of its parent, whatever that
 * died of. A second signal ends the process at once.
 */
function waitForStop(): Promise<string> {
  const wards = new Set<number>();
  return new Promise((resolve) => {
    const onSignal = (signal: string) => {
      for (const each of ['SIGTERM', 'SIGINT'] as const) {
        process.off(each, onSignal);
        process.on(each, () => process.exit(1));
      }
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    if (!process.connected) {
      if (isChild()) onSignal(endOfParent);
      return;
    }
    // Without `--child` the channel is that of a program that runs TypeScript, whose death is a reason to stop as well.
    process.on('message', (message) => {
      if (isWard(message)) wards.add(message.ward);
    });
    process.once('disconnect', () => {
      for (const ward of wards) endGroup(ward);
      onSignal(endOfParent);
    });
  });
}

/** A command that can be asked to stop. */
export interface Stoppable {
  /** Called once everything is up: from then on being asked to stop is for the command, which is told the reason. */
  asked(): Promise<string>;
}

/**
 * Listens for being asked to stop from now on. As long as the command is still starting, it ends the program at once,
 * and with it whatever it has started.
 */
export function stoppable(): Stoppable {
  let isUp = false;
  const stopped = waitForStop().then((reason) => (isUp ? reason : endProgram(exitCodes.interrupted)));
  return {
    asked() {
      isUp = true;
      return stopped;
    },
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It is gone already, which is all that was wanted.
  }
}
