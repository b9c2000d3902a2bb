/** How a job or pipeline is started. */
export interface StartOptions {
  /**
   * The idempotency key: the same key gives the same job, for the namespace's retention. Random where none is given. One
   * whose job failed, was cancelled, terminated or timed out starts it anew.
   */
  key?: string | undefined;
  /**
   * 1 goes first, 5 last, 3 where none is given: where more is to be done than workers or a rate allow, on servers with
   * priorities (`provider-jobs doctor` says). Whoever joins a job leaves its priority as it is.
   */
  priority?: number | undefined;
}
