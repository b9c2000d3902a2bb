/** What the program's exit code says; `--help` lists them. */
export const exitCodes = {
  succeeded: 0,
  endedOtherwise: 1,
  wrongUsage: 2,
  /** `EX_SOFTWARE` of sysexits: a worker met an error that nobody caught, and drained. */
  workerFault: 70,
  /** 128 + SIGINT, as shells have it: detached with Ctrl-C while the job goes on, or asked to stop before all was up. */
  interrupted: 130,
} as const;

// By name, so that describing an error loads nothing.
const usageErrors = new Set([
  'UsageError',
  'CommanderError',
  'ConfigurationError',
  'InvalidInputError',
  'KeyInUseError',
  'PayloadDecryptionError',
  'ScheduleFileError',
  'SearchAttributesMissingError',
  'TemporalServerError',
  'WorkflowNotFoundError',
]);

/** What ended a command before it had a result. */
export interface CommandFailure {
  exitCode: number;
  /** `InvalidInput` or `KeyInUse` for wrong usage and configuration, else the name of the error. */
  type: string;
  /** What to print: never a stack trace. */
  message: string;
}

/** Puts an error that ended a command into words, with the exit code that it means. */
export function describeError(error: unknown): CommandFailure {
  if (!(error instanceof Error)) return { exitCode: exitCodes.endedOtherwise, type: 'Error', message: String(error) };
  const { name } = error;
  const hint = name === 'WorkflowNotFoundError' ? '; `provider-jobs list` shows what Temporal keeps' : '';
  const message = error.message + hint;
  if (usageErrors.has(name)) {
    return { exitCode: exitCodes.wrongUsage, type: name === 'KeyInUseError' ? 'KeyInUse' : 'InvalidInput', message };
  }
  if (name === 'WorkerFaultError') return { exitCode: exitCodes.workerFault, type: name, message };
  const cause = error.cause instanceof Error && error.cause.message !== '' ? ` (${error.cause.message})` : '';
  return { exitCode: exitCodes.endedOtherwise, type: name, message: `${message}${cause}` };
}
