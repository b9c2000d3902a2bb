import { z } from 'zod';
import type { BodySchema } from '../connection/provider-answer.ts';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { optional, wholeNumber } from '../lenient.ts';
import { readPage } from '../pages.ts';

const pageInfoSchema = z.object({ page_info: optional(z.object({ total_page: optional(wholeNumber) })) });

/** The largest page that TwelveLabs gives, asked for as `page_limit`, answered as `limit_per_page`; smaller ones after it. */
const pageLimits = [50, 10, 1];

/** Reads every page of a TwelveLabs list, in order. */
export async function readEveryPage<P extends { rows: unknown[] }>(
  connection: ProviderConnection,
  call: { operation: string; path: string; query?: Record<string, string>; signal: AbortSignal },
  schema: BodySchema<P>,
): Promise<P[]> {
  const pages: P[] = [];
  let before = '[]';
  for (let page = 1, last = 1; page <= last; page += 1) {
    const read: P[] = [];
    const { rows, totalPages } = await readPage(page, pageLimits, async (number, limit) => {
      const query = { ...call.query, page: number, page_limit: limit };
      const { data } = await connection.call(
        { ...call, method: 'GET', query },
        { parse: (body: unknown) => ({ read: schema.parse(body), info: pageInfoSchema.parse(body).page_info }) },
      );
      read.push(data.read);
      return { rows: data.read.rows, totalPages: data.info?.total_page };
    });
    const said = JSON.stringify(rows);
    // An empty page, or the same one again, is the end, whatever their number is said to be.
    if (page > 1 && (said === '[]' || said === before)) break;
    pages.push(...read);
    before = said;
    last = totalPages;
  }
  return pages;
}
