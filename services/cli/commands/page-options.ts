import type { OptionValues } from '../command-line/option-values.ts';

/** `--limit` and `--cursor` as the API takes them. */
export function pageOptions(options: OptionValues): { limit?: number; cursor?: string } {
  const limit = options.integer('limit', 1, 100);
  const cursor = options.text('cursor');
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}
