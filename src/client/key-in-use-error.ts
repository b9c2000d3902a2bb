/** The key belongs to a job with other input; thrown by `ProviderJobs.start` and `pipeline`. */
export class KeyInUseError extends Error {
  override readonly name = 'KeyInUseError';
  /** The job that has the key. */
  readonly workflowId: string;
  /** The fields that differ; empty where the job's input is none that can be compared. */
  readonly fields: readonly string[];

  constructor(workflowId: string, fields: readonly string[]) {
    const why =
      fields.length > 0
        ? `other input: ${fields.join(', ')} ${fields.length === 1 ? 'differs' : 'differ'}`
        : 'input that cannot be compared';
    super(`The key already belongs to ${workflowId} with ${why}. Use another key for a new job.`);
    this.workflowId = workflowId;
    this.fields = fields;
  }
}
