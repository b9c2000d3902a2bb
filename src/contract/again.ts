/**
 * What becomes of the steps of a pipeline that is run again: those that succeeded are taken as they are and those that
 * run are joined; `failed-steps` resumes or starts anew what failed on the way, and `failed-at-provider` starts anew also
 * the jobs that the provider itself reported as failed. `same-work` does that too and takes jobs whose input differs: the
 * pipeline's key is made of its content and its work, so that only a path, a deadline or a media type can have changed.
 */
export type Again = 'failed-steps' | 'failed-at-provider' | 'same-work';

/** The memo's field, on a run that is not the first under its id, that says so. */
export const againMemo = 'again';
