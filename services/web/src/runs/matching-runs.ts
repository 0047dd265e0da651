import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import type { RunPage } from '../../../../shared/protocol/http.ts';
import type { RunStatus } from '../../../../shared/workflow/run-state.ts';

export type HistoryRun = RunPage['items'][number];

export interface WantedRuns {
  status: RunStatus | undefined;
  /** In the name of the workflow, the user's, or the id; empty: all. */
  text: string;
}

/** Enough for a screen. */
const ENOUGH = 25;
/** Pages of the API read for one answer, so that a rare word in a long history is searched in steps the user sees. */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;

/** The next runs that fit, newest first, and where to go on; `cursor` null: that was all. */
export async function matchingRuns(
  api: Pick<ApiClient, 'listRuns'>,
  { status, text }: WantedRuns,
  from?: string,
  signal?: AbortSignal,
): Promise<{ items: HistoryRun[]; cursor: string | null }> {
  const needle = text.trim().toLowerCase();
  const fits = (run: HistoryRun) =>
    needle === '' || [run.workflow_name, run.user_id, run.id].some((value) => value.toLowerCase().includes(needle));
  const items: HistoryRun[] = [];
  let cursor: string | null = from ?? null;
  for (let page = 0; page < (needle === '' ? 1 : MAX_PAGES); page++) {
    const answer: RunPage = await api.listRuns({
      limit: needle === '' ? ENOUGH : PAGE_SIZE,
      ...(cursor === null ? {} : { cursor }),
      ...(status === undefined ? {} : { status }),
      ...(signal === undefined ? {} : { signal }),
    });
    items.push(...answer.items.filter(fits));
    cursor = answer.next_cursor;
    if (cursor === null || items.length >= ENOUGH) break;
  }
  return { items, cursor };
}
