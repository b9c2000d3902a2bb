/** What the program's exit code says; `--help` lists them. */
export const exitCodes = {
  succeeded: 0,
  endedOtherwise: 1,
  wrongUsage: 2,
  /** 128 + SIGINT, as shells have it: detached with Ctrl-C while the job goes on. */
  interrupted: 130,
} as const;

// By name, so that describing an error loads nothing.
const usageErrors = new Set([
  'UsageError',
  'ConfigurationError',
  'InvalidInputError',
  'KeyInUseError',
  'ScheduleFileError',
  'SearchAttributesMissingError',
  'TemporalServerError',
  'WorkflowNotFoundError',
]);

/** The exit code for an error that ended a command, and what to print about it: never a stack trace. */
export function describeError(error: unknown): { exitCode: number; message: string } {
  if (!(error instanceof Error)) return { exitCode: exitCodes.endedOtherwise, message: String(error) };
  if (usageErrors.has(error.name)) return { exitCode: exitCodes.wrongUsage, message: error.message };
  const cause = error.cause instanceof Error && error.cause.message !== '' ? ` (${error.cause.message})` : '';
  return { exitCode: exitCodes.endedOtherwise, message: `${error.message}${cause}` };
}
