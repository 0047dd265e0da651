import { useEffect } from 'preact/hooks';
import type { Live } from '../live/live.ts';

/** Reads a run that is shown whenever frames alone do not tell all of it. What cannot be read now is read after the next news. */
export function useFresh(live: Live, id: string, stale: boolean): void {
  useEffect(() => {
    if (!stale) return;
    const abort = new AbortController();
    live.refresh(id, abort.signal).catch(() => undefined);
    return () => abort.abort();
  }, [live, id, stale]);
}
