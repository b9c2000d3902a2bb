/** What a failure type means, and what a person does about it. `docs/failures.md` is compared with this table. */
export interface FailureDescription {
  meaning: string;
  remedy: string;
}

/** Every `ApplicationFailure` type that our workflows and activities use. */
export const failureTypes = {
  JobNotFinished: {
    meaning: 'The job was asked for its status and goes on; the next check is scheduled.',
    remedy: 'Nothing: this is how waiting looks while an activity is pending.',
  },
  ProviderUnavailable: {
    meaning:
      'The provider or its storage could not be reached, was too slow, answered 408, 425 or 5xx, or its storage refused fresh addresses for ten minutes.',
    remedy: "Nothing at first: it is tried again with back-off. If it lasts, look at the provider's status page.",
  },
  RateLimited: {
    meaning: 'The provider answered 429.',
    remedy:
      'Nothing at first: it is tried again when the provider says. If it lasts, lower the rate or raise the quota.',
  },
  UnexpectedResponse: {
    meaning:
      'The provider answered with something that is not JSON, does not have the documented shape, or is larger than an answer may be.',
    remedy:
      'Nothing at first: it is tried again, what is too large for two minutes, or three times where no job exists yet. If it lasts, compare the base URL with the API in the docs.',
  },
  CredentialRejected: {
    meaning:
      'The provider refused the key (401 or 403): for two minutes before a job existed there, else until the deadline.',
    remedy:
      'Check the key of this credential and its permissions; a job that waits goes on by itself once the key is good, one that failed by `resume`.',
  },
  JobNotFound: {
    meaning: 'The provider does not know this id (404, confirmed over two minutes for a job that was there before).',
    remedy: 'Check the id, and that the credential belongs to the account that owns the job.',
  },
  RequestRejected: {
    meaning: 'The provider refused the request itself (other 3xx and 4xx), with its own words.',
    remedy: "Read the provider's words; what is mended there is resumed; a job with other input needs a new key.",
  },
  DeadlineExceeded: {
    meaning: 'The job, or a stage on its way, was not done by its deadline; the message says what was in the way.',
    remedy: 'Resume it: it waits on at the job that is there, with its deadline anew.',
  },
  SourceUnreadable: {
    meaning: 'The media could not be read, or it changed while it was being uploaded.',
    remedy: 'Check the path or address, and that every worker that serves transfers can see it; then `resume`.',
  },
  UploadFailed: {
    meaning: 'The media could not be uploaded: sessions were lost, or chunks damaged, again and again.',
    remedy:
      'The message names the chunk or the session and why; check network and media, then `resume` sends what is missing.',
  },
  SubmitUnconfirmed: {
    meaning: 'The answer to a submit was lost and the provider gives no way to find out whether it took.',
    remedy:
      "Look at the provider's dashboard: it may run already. `resume` looks at its files once more and submits nothing; one cut off in mid-submit is submitted again only with `--force`.",
  },
  ResultStoreFailed: {
    meaning: "A result could not be written to the result store, until the deadline or for a day after the job's end.",
    remedy:
      'Check space and permissions of the result directory, then `resume` stores them: the results stay at the provider.',
  },
  InvalidInput: {
    meaning: 'The input of the workflow or activity is not valid; the message names every field.',
    remedy: 'Correct the named fields and start again; the key is not spent.',
  },
  KeyInUse: {
    meaning: 'The key already belongs to another job, or to the same job with other input.',
    remedy: 'Use another key for a new job; the message names the field that differs.',
  },
} as const satisfies Record<string, FailureDescription>;

/** The type of an `ApplicationFailure` that our code throws. */
export type FailureType = keyof typeof failureTypes;

/** Whether a failure's `type` is one of ours. */
export function isFailureType(type: string | null | undefined): type is FailureType {
  return type !== null && type !== undefined && Object.hasOwn(failureTypes, type);
}
