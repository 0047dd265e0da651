import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { IncidentCard } from './incident-card.tsx';
import { IncidentForm } from './incident-form.tsx';

const STEP_MS = 5_000;
const PAGE = 50;

/** What everybody reads on the status page, and where it is written. */
export function IncidentsPage({ session: { api } }: { session: Session }) {
  const [writing, setWriting] = useState<'incident' | 'maintenance'>();
  const incidents = useResource(
    'incidents',
    (signal) => api.operations.incidents({ status: 'all', limit: PAGE, signal }),
    STEP_MS,
  );
  const items = incidents.value?.items ?? [];
  const open = items.filter(({ resolved_at }) => resolved_at === null);
  const over = items.filter(({ resolved_at }) => resolved_at !== null);
  return (
    <>
      <div class={layout.between}>
        <h1>Incidents</h1>
        <div class={layout.row}>
          <Button onClick={() => setWriting('incident')}>Report an incident</Button>
          <Button onClick={() => setWriting('maintenance')}>Plan maintenance</Button>
        </div>
      </div>
      {writing !== undefined && (
        <IncidentForm
          key={writing}
          kind={writing}
          onCancel={() => setWriting(undefined)}
          onSend={async (body) => {
            await api.operations.openIncident(body);
            setWriting(undefined);
            incidents.reload();
          }}
        />
      )}
      {incidents.error !== undefined && <Problem>{incidents.error}</Problem>}
      <Panel title="Open">
        {incidents.value !== undefined && open.length === 0 && <Empty title="Nothing is known to be wrong." />}
        <div class={layout.stack}>
          {open.map((incident) => (
            <IncidentCard key={incident.id} api={api} incident={incident} onChanged={incidents.reload} />
          ))}
        </div>
      </Panel>
      {over.length > 0 && (
        <Panel title="Over">
          <div class={layout.stack}>
            {over.map((incident) => (
              <IncidentCard key={incident.id} api={api} incident={incident} onChanged={incidents.reload} />
            ))}
          </div>
        </Panel>
      )}
    </>
  );
}
