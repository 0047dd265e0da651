import { Link } from 'wouter-preact';
import { duration, instant } from '../../../../shared/wording/duration.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { Badge } from '../design/badge.tsx';
import { Facts } from '../design/facts.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type RunView, textOf } from '../live/run-view.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { now } from '../shell/now.ts';
import { Place } from './place.tsx';
import { RunActions } from './run-actions.tsx';
import { RunBadge } from './run-badge.tsx';
import styles from './run-page.module.css';
import { Timeline } from './timeline.tsx';
import { useFresh } from './use-fresh.ts';

/** One run with everything it said. */
export function RunPage({ session, id }: { session: Session; id: string }) {
  const { live } = session;
  const first = useResource(id, (signal) => live.refresh(id, signal));
  const run = live.runs.value.get(id);
  if (run === undefined)
    return first.error === undefined ? <p class="soft">Reading the run …</p> : <Problem>{first.error}</Problem>;
  return <KnownRun session={session} run={run} />;
}

function KnownRun({ session, run }: { session: Session; run: RunView }) {
  useFresh(session, run);
  const own = run.owner === null || run.owner === session.userId;
  return (
    <>
      <header class={layout.stack}>
        <p>
          <Link href="/runs">History</Link>
        </p>
        <div class={layout.between}>
          <div class={layout.row}>
            <h1>{run.workflowName}</h1>
            <RunBadge status={run.status} />
            {run.priority !== null && run.priority !== 'normal' && (
              <Badge tone="idle">{`${run.priority} priority`}</Badge>
            )}
          </div>
          {(own || session.role === 'admin') && <RunActions run={run} session={session} />}
        </div>
        {run.message !== null && (
          <p class="soft" role="status">
            {run.message}
          </p>
        )}
        {run.reason !== null && <Problem>{run.reason}</Problem>}
      </header>
      {run.place !== null && (
        <Panel title="In the queue">
          <Place run={run} place={run.place} />
        </Panel>
      )}
      <div class={layout.split}>
        <div class={layout.stack}>
          <Panel title="Steps">
            <Timeline run={run} full={true} />
          </Panel>
          <ChatPanel key={run.id} session={session} runId={run.id} own={own} />
        </div>
        <div class={layout.stack}>
          <Panel title="About this run">
            <Facts facts={factsOf(run, own, now.value)} />
          </Panel>
          {run.status === 'succeeded' && run.result !== null && (
            <Panel title="Result">
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre class={styles.result} tabIndex={0}>
                {textOf(run.result)}
              </pre>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

function factsOf(run: RunView, own: boolean, at: number): Array<[string, string]> {
  const { acceptedAt, startedAt, finishedAt, usage } = run;
  const facts: Array<[string, string | null]> = [
    ['Run', run.id],
    ['Started by', own ? null : run.owner],
    ['Accepted', acceptedAt && instant(acceptedAt)],
    ['Waited', acceptedAt && startedAt && duration(Date.parse(startedAt) - Date.parse(acceptedAt))],
    ['Started', startedAt && instant(startedAt)],
    ['Took', startedAt && duration((finishedAt === null ? at : Date.parse(finishedAt)) - Date.parse(startedAt))],
    ['Tokens', usage ? `${usage.input_tokens} in, ${usage.output_tokens} out` : null],
    ['Cost', usage && usage.cost_usd !== null ? `$${usage.cost_usd.toFixed(4)}` : null],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}
