/** What a command gets from the process that runs it. */
export interface CommandContext {
  /** The environment, with what `.env` adds to it. */
  environment: NodeJS.ProcessEnv;
  /** Where relative paths of the command line start. */
  cwd: string;
  /** The file of this program, for starting it again as a child process. */
  mainFile: string;
}

/** The hidden option of a command that runs as a child of `dev` or `demo`. */
export const childFlag = '--child';
