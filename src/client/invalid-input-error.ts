/** One wrong field of an input. */
export interface InputFault {
  /** The field's path, for instance `steps.0.options.deadline`. */
  field: string;
  /** What is allowed and what was given; keys and the queries of addresses are left out. */
  problem: string;
}

/** The input cannot be used; carries every wrong field. Thrown by `ProviderJobs` before anything is started. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super(faults.map(({ field, problem }) => `${field}: ${problem}`).join('\n'));
    this.faults = faults;
  }
}
