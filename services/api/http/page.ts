import { decodeCursor, encodeCursor } from './cursor.ts';

/**
 * One page of a list ordered by `seq`, newest first. Asks for one row more than it shows to know whether there is another
 * page. Rows that arrive meanwhile are newer than the cursor, so the pages behind it do not move.
 */
export async function readPage<Row extends { seq: number }>(
  query: { limit: number; cursor?: string | undefined },
  read: (page: { limit: number; before?: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; nextCursor: string | null }> {
  const before = query.cursor === undefined ? {} : { before: decodeCursor(query.cursor) };
  const found = await read({ limit: query.limit + 1, ...before });
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  return { rows, nextCursor: found.length > query.limit && last !== undefined ? encodeCursor(last.seq) : null };
}
