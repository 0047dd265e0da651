import { useState } from 'preact/hooks';
import { useResource } from '../data/use-resource.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import type { Session } from '../session/session.ts';
import { HistoryGraphs } from './history-graphs.tsx';

const MINUTE_MS = 60_000;
const SPANS: ReadonlyArray<[string, number]> = [
  ['Last hour', 60 * MINUTE_MS],
  ['Last 6 hours', 360 * MINUTE_MS],
  ['Last day', 1_440 * MINUTE_MS],
  ['Last 7 days', 7 * 1_440 * MINUTE_MS],
  ['Last 30 days', 30 * 1_440 * MINUTE_MS],
];

interface Range {
  from: Date;
  to: Date;
}

/** Graphs of any stretch of the past. */
export function HistoryPage({ session: { api } }: { session: Session }) {
  const [{ from, to }, setRange] = useState<Range>(() => backFromNow(60 * MINUTE_MS));
  const right = from < to;
  const history = useResource(`${from.getTime()} ${to.getTime()}`, (signal) =>
    api.operations.history({ from: from.toISOString(), to: to.toISOString(), signal }),
  );
  return (
    <>
      <h1>History of the cluster</h1>
      <Panel title="When">
        <div class={layout.stack}>
          <div class={layout.row}>
            {SPANS.map(([label, ms]) => (
              <Button key={label} onClick={() => setRange(backFromNow(ms))}>
                {label}
              </Button>
            ))}
          </div>
          <div class={layout.row}>
            <Field label="From">
              {(field) => (
                <input
                  {...field}
                  type="datetime-local"
                  value={localText(from)}
                  onChange={(event) => setRange({ from: readLocal(event.currentTarget.value, from), to })}
                />
              )}
            </Field>
            <Field label="To" error={right ? undefined : 'Must be after the beginning.'}>
              {(field) => (
                <input
                  {...field}
                  type="datetime-local"
                  value={localText(to)}
                  onChange={(event) => setRange({ from, to: readLocal(event.currentTarget.value, to) })}
                />
              )}
            </Field>
          </div>
        </div>
      </Panel>
      <Panel title="What happened">
        {history.error !== undefined && <Problem>{history.error}</Problem>}
        {history.value?.points.length === 0 && <Empty title="Nothing is known of that time." />}
        {history.value !== undefined && history.value.points.length > 0 && <HistoryGraphs history={history.value} />}
      </Panel>
    </>
  );
}

function backFromNow(ms: number): Range {
  const to = new Date();
  return { from: new Date(to.getTime() - ms), to };
}

/** As the input wants it: where the reader is, to the minute. */
function localText(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

function readLocal(text: string, otherwise: Date): Date {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? otherwise : time;
}
