import { z } from 'zod';

/** The paging of every TwelveLabs list. */
export const pageQuery = {
  page: z.coerce.number().int().min(1).default(1),
  page_limit: z.coerce.number().int().min(1).max(50).default(10),
};

/** One page of a list, empty past its end, and the `page_info` that tells of it. */
export function pageOf<T>(items: T[], { page, page_limit }: { page: number; page_limit: number }) {
  return {
    items: items.slice((page - 1) * page_limit, page * page_limit),
    page_info: {
      limit_per_page: page_limit,
      page,
      total_page: Math.ceil(items.length / page_limit),
      total_results: items.length,
    },
  };
}
