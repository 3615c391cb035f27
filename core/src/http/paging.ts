import { z } from 'zod';

/** Query of a list route; see `PageRequest`. Extend it with filters: `pageQuery.extend({ status: … })`. */
export const pageQuery = z.object({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  sort: z.string().max(65).optional(),
  search: z.string().trim().max(100).optional(),
});

/** Response of a list route. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.number().int().optional(),
  });
}
