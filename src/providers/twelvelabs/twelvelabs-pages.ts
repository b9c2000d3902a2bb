import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';

const pageInfoSchema = z.object({
  page_info: z.object({ page: z.number().nullish(), total_page: z.number().nullish() }).nullish(),
});

/** The largest page that TwelveLabs gives; asked for as `page_limit`, answered as `limit_per_page`. */
const largestPage = 50;

/** Reads every page of a TwelveLabs list, in order. */
export async function readEveryPage<T>(
  connection: ProviderConnection,
  call: { operation: string; path: string; query?: Record<string, string>; signal: AbortSignal },
  schema: z.ZodType<T>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1, last = 1; page <= last; page += 1) {
    const query = { ...call.query, page, page_limit: largestPage };
    const { data } = await connection.call(
      { ...call, method: 'GET', query },
      { parse: (body: unknown) => ({ item: schema.parse(body), info: pageInfoSchema.parse(body).page_info }) },
    );
    items.push(data.item);
    last = data.info?.total_page ?? page;
  }
  return items;
}
