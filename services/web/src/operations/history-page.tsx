import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { HistoryGraphs } from './history-graphs.tsx';
import { boundsOf, type HistoryRange, renewalMs } from './history-range.ts';

const MINUTE_MS = 60_000;
const SPANS: ReadonlyArray<[string, number]> = [
  ['Last hour', 60 * MINUTE_MS],
  ['Last 6 hours', 360 * MINUTE_MS],
  ['Last day', 1_440 * MINUTE_MS],
  ['Last 7 days', 7 * 1_440 * MINUTE_MS],
  ['Last 30 days', 30 * 1_440 * MINUTE_MS],
];

/** Graphs of any stretch of the past; one that ends now goes on by itself. */
export function HistoryPage({ session: { api } }: { session: Session }) {
  const [range, setRange] = useState<HistoryRange>({ kind: 'last', ms: 60 * MINUTE_MS });
  // A field whose date is half written loses it when the page is drawn anew.
  const [writing, setWriting] = useState(false);
  const history = useResource(
    keyOf(range),
    async (signal) => {
      const { from, to } = boundsOf(range, Date.now());
      // The clock of the reader may be behind: what ends now ends when the server says so.
      const until = range.kind === 'between' ? { to: to.toISOString() } : {};
      const answer = await api.operations.history({ from: from.toISOString(), ...until, signal });
      return { from, to, answer };
    },
    (known) => (writing ? undefined : renewalMs(range, known?.answer)),
  );
  const { from, to } = history.value ?? boundsOf(range, Date.now());
  const answer = history.value?.answer;
  const between = (change: { from?: Date; to?: Date }) => setRange({ kind: 'between', from, to, ...change });
  return (
    <>
      <h1>History of the cluster</h1>
      <Panel title="When">
        <div class={layout.stack}>
          <div class={layout.row}>
            {SPANS.map(([label, ms]) => (
              <Button
                key={label}
                aria-pressed={range.kind === 'last' && range.ms === ms}
                onClick={() => setRange({ kind: 'last', ms })}
              >
                {label}
              </Button>
            ))}
          </div>
          <fieldset
            class={layout.row}
            aria-label="Between two moments"
            onFocusIn={() => setWriting(true)}
            onFocusOut={() => setWriting(false)}
          >
            <Field label="From">
              {(field) => (
                <input
                  {...field}
                  type="datetime-local"
                  value={localText(from)}
                  onChange={(event) => between({ from: readLocal(event.currentTarget.value, from) })}
                />
              )}
            </Field>
            <Field label="To" error={from < to ? undefined : 'Must be after the beginning.'}>
              {(field) => (
                <input
                  {...field}
                  type="datetime-local"
                  value={localText(to)}
                  onChange={(event) => between({ to: readLocal(event.currentTarget.value, to) })}
                />
              )}
            </Field>
          </fieldset>
        </div>
      </Panel>
      <Panel title="What happened">
        {history.error !== undefined && <Problem>{history.error}</Problem>}
        {answer === undefined && history.loading && <p class="soft">Reading …</p>}
        {answer?.points.length === 0 && <NothingKnown yet={range.kind === 'last'} />}
        {answer !== undefined && answer.points.length > 0 && <HistoryGraphs history={answer} />}
      </Panel>
    </>
  );
}

function NothingKnown({ yet }: { yet: boolean }) {
  if (!yet) return <Empty title="Nothing is known of that time." />;
  return (
    <Empty title="Nothing is known yet.">
      <p>A new cluster has its first figures after about ten seconds; they come here by themselves.</p>
    </Empty>
  );
}

function keyOf(range: HistoryRange): string {
  return range.kind === 'last' ? `last ${range.ms}` : `${range.from.getTime()} ${range.to.getTime()}`;
}

/** As the input wants it: where the reader is, to the minute. */
function localText(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

function readLocal(text: string, otherwise: Date): Date {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? otherwise : time;
}
