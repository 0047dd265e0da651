import { useSignal } from '@preact/signals';
import { useSearch } from 'wouter-preact';
import { isFinal } from '../../../../shared/workflow/run-state.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import type { RunView } from '../live/run-view.ts';
import type { Session } from '../session/session.ts';
import { RunCard } from './run-card.tsx';
import { StartForm } from './start-form.tsx';

/** Where everybody begins: start something, and watch what of theirs is under way, side by side. */
export function HomePage({ session }: { session: Session }) {
  const chosen = new URLSearchParams(useSearch()).get('workflow');
  const away = useSignal<ReadonlySet<string>>(new Set());
  const runs = [...session.live.runs.value.values()]
    .filter(({ id, owner }) => !away.value.has(id) && (owner === null || owner === session.userId))
    .sort(newestFirst);
  const ended = runs.filter(({ status }) => isFinal(status));
  return (
    <>
      <h1>Your workflows</h1>
      <Panel title="Start a workflow">
        <StartForm session={session} chosen={chosen} />
      </Panel>
      <div class={layout.between}>
        <h2>Under way and just finished</h2>
        {ended.length > 0 && (
          <Button
            look="quiet"
            onClick={() => {
              away.value = new Set([...away.value, ...ended.map(({ id }) => id)]);
            }}
          >
            Put the finished ones away
          </Button>
        )}
      </div>
      {runs.length === 0 ? (
        <Empty title="Nothing is under way.">
          <p>What you start appears here at once, also from another device.</p>
        </Empty>
      ) : (
        <div class={layout.cards}>
          {runs.map((run) => (
            <RunCard key={run.id} run={run} session={session} />
          ))}
        </div>
      )}
    </>
  );
}

function newestFirst(a: RunView, b: RunView): number {
  return (b.acceptedAt ?? '9').localeCompare(a.acceptedAt ?? '9');
}
