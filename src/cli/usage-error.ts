/** The command cannot be carried out as it was given; carries every fault at once, and ends the program with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(faults: string | readonly string[]) {
    super(typeof faults === 'string' ? faults : faults.join('\n'));
  }
}
