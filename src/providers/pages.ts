import { isProviderError } from './connection/provider-error.ts';

/** One page of a list. */
export interface Page<T> {
  rows: T[];
  /** How many pages there are as far as is known: one more than this where a full page does not say. */
  totalPages: number;
}

/**
 * Reads a page of as many rows as the first of the limits says. A page that is larger than an answer may be is put
 * together from smaller ones; each limit divides the one before it.
 */
export async function readPage<T>(
  page: number,
  limits: readonly number[],
  ask: (page: number, limit: number) => Promise<{ rows: T[]; totalPages: number | undefined }>,
): Promise<Page<T>> {
  const [limit = 1, ...smaller] = limits;
  try {
    const { rows, totalPages } = await ask(page, limit);
    return { rows, totalPages: totalPages ?? (rows.length < limit ? page : page + 1) };
  } catch (error) {
    const [next] = smaller;
    if (next === undefined || !isProviderError(error, 'too-large')) throw error;
    const parts = limit / next;
    const whole: Page<T> = { rows: [], totalPages: page };
    for (let part = (page - 1) * parts + 1; part <= page * parts; part += 1) {
      const { rows, totalPages } = await readPage(part, smaller, ask);
      whole.rows.push(...rows);
      whole.totalPages = Math.max(page, Math.ceil(totalPages / parts));
      if (part >= totalPages) break;
    }
    return whole;
  }
}
