import { Link } from 'wouter-preact';
import { latency, wholeSeconds } from '../../../../shared/wording/duration.ts';
import { Badge } from '../design/badge.tsx';
import { Facts } from '../design/facts.tsx';
import layout from '../design/layout.module.css';
import { Meter } from '../design/meter.tsx';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { now } from '../shell/now.ts';
import { HistoryGraphs } from './history-graphs.tsx';
import { LevelBadge } from './level-badge.tsx';
import { ReplicaTable } from './replica-table.tsx';
import { StandingBadge } from './standing-badge.tsx';

/** How old what stands here may be (ms). */
const STEP_MS = 2_000;
const HISTORY_STEP_MS = 5_000;
/** How far back the graphs go (ms). */
const SPAN_MS = 15 * 60_000;

/** The whole cluster at a glance, as it is now. */
export function OverviewPage({ session: { api } }: { session: Session }) {
  const capacity = useResource('capacity', (signal) => api.capacity({ signal }), STEP_MS);
  const status = useResource('status', (signal) => api.status({ signal }), STEP_MS);
  const history = useResource(
    'history',
    (signal) => api.operations.history({ from: new Date(Date.now() - SPAN_MS).toISOString(), signal }),
    HISTORY_STEP_MS,
  );
  const cluster = capacity.value;
  const last = history.value?.points.at(-1);
  const error = capacity.error ?? status.error;
  return (
    <>
      <div class={layout.between}>
        <h1>Cluster</h1>
        {status.value && <StandingBadge status={status.value.status} />}
      </div>
      {error !== undefined && <Problem>{error}</Problem>}
      <div class={layout.halves}>
        <Panel title="Capacity">
          <div class={layout.stack}>
            <Meter
              label="Users"
              value={cluster?.active_users ?? null}
              max={cluster?.limits.max_users ?? null}
              badFrom={0.9}
            />
            <Meter
              label="Running workflows"
              value={cluster?.active_workflows ?? null}
              max={cluster?.limits.max_workflows ?? null}
              warnFrom={1}
              badFrom={1.01}
            />
            <Meter
              label="Waiting workflows"
              value={cluster?.queue_length ?? null}
              max={cluster?.limits.queue_max ?? null}
            />
          </div>
        </Panel>
        <Panel title="State">
          <Facts
            facts={[
              ['Level', cluster ? <LevelBadge level={cluster.level} /> : '–'],
              ['For', cluster?.level_since ? wholeSeconds(now.value - Date.parse(cluster.level_since)) : '–'],
              [
                'Leader of the queue',
                cluster === undefined ? '–' : (cluster.leader?.replica ?? <Badge tone="bad">missing</Badge>),
              ],
              [
                'Latency p50, p95, p99',
                last === undefined ? '–' : [last.p50_ms, last.p95_ms, last.p99_ms].map(ms).join(', '),
              ],
              ['Failed requests', last?.error_ratio == null ? '–' : `${(last.error_ratio * 100).toFixed(2)} %`],
              [
                'Known issues',
                status.value === undefined ? (
                  '–'
                ) : (
                  <Link href="/operations/incidents">{status.value.incidents.length}</Link>
                ),
              ],
            ]}
          />
        </Panel>
      </div>
      <Panel title="Replicas">
        {cluster !== undefined && <ReplicaTable api={api} cluster={cluster} onDrained={capacity.reload} />}
      </Panel>
      <Panel title="The last 15 minutes" actions={<Link href="/operations/history">Further back</Link>}>
        {history.error !== undefined && <Problem>{history.error}</Problem>}
        {history.value !== undefined && <HistoryGraphs history={history.value} />}
      </Panel>
    </>
  );
}

function ms(value: number | null): string {
  return value === null ? '–' : latency(value);
}
