import { isFinal } from '../../../../shared/workflow/run-state.ts';
import { Empty } from '../design/empty.tsx';
import { Panel } from '../design/panel.tsx';
import type { Session } from '../session/session.ts';
import { RunBadge } from './run-badge.tsx';

/** Where everybody begins: what of theirs is under way. */
export function HomePage({ session }: { session: Session }) {
  const active = [...session.live.runs.value.values()].filter(({ status }) => !isFinal(status));
  return (
    <>
      <h1>Your workflows</h1>
      <Panel title="Under way">
        {active.length === 0 ? (
          <Empty title="Nothing is running." />
        ) : (
          <ul>
            {active.map((run) => (
              <li key={run.id}>
                {run.workflowName} <RunBadge status={run.status} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
