import { useEffect } from 'preact/hooks';
import { isFinal } from '../../../../shared/workflow/run-state.ts';
import type { RunView } from '../live/run-view.ts';
import type { Session } from '../session/session.ts';

/** How often a run of somebody else is read: its events go to its owner alone (ms). */
const ELSEWHERE_MS = 2_000;

/** Reads a run that is shown whenever frames do not tell all of it. What cannot be read now is read after the next news. */
export function useFresh(session: Session, run: RunView): void {
  const { live, userId } = session;
  const { id, stale, news } = run;
  const elsewhere = run.owner !== null && run.owner !== userId && !isFinal(run.status);
  // News that come while it is read may have overtaken the reading: it begins anew.
  useEffect(() => {
    if (!stale) return;
    const abort = new AbortController();
    live.refresh(id, abort.signal).catch(() => undefined);
    return () => abort.abort();
  }, [live, id, stale, news]);
  useEffect(() => {
    if (!elsewhere) return;
    const timer = setInterval(() => {
      if (!document.hidden) live.refresh(id).catch(() => undefined);
    }, ELSEWHERE_MS);
    return () => clearInterval(timer);
  }, [live, id, elsewhere]);
}
