import { Link } from 'wouter-preact';
import type { RunView } from '../live/run-view.ts';
import type { Session } from '../session/session.ts';
import { Place } from './place.tsx';
import { RunActions } from './run-actions.tsx';
import { RunBadge } from './run-badge.tsx';
import styles from './run-card.module.css';
import { Timeline } from './timeline.tsx';
import { useFresh } from './use-fresh.ts';

/** One run among several, side by side. */
export function RunCard({ run, session }: { run: RunView; session: Session }) {
  useFresh(session, run);
  return (
    <article class={styles.card} aria-label={run.workflowName} data-run={run.id} data-status={run.status}>
      <header class={styles.head}>
        <h3>
          <Link href={`/runs/${run.id}`}>{run.workflowName}</Link>
        </h3>
        <RunBadge status={run.status} />
      </header>
      {run.message !== null && <p class={styles.message}>{run.message}</p>}
      {run.reason !== null && <p class={styles.reason}>{run.reason}</p>}
      {run.place !== null && <Place run={run} place={run.place} />}
      {run.status !== 'queued' && <Timeline run={run} full={false} />}
      <RunActions run={run} session={session} />
    </article>
  );
}
