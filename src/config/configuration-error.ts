/** One thing that is wrong with the environment. */
export interface ConfigurationFault {
  variable: string;
  problem: string;
}

/** The environment is not usable; carries every fault at once. Thrown by `readConfig`. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    const lines = faults.map(({ variable, problem }) => `  ${variable}: ${problem}`);
    super(`${String(faults.length)} setting${faults.length === 1 ? ' is' : 's are'} wrong:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}
