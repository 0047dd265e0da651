import { useState } from 'preact/hooks';
import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import { COMPONENT_NAMES } from '../../../../shared/protocol/components.ts';
import type { Impact, Incident, IncidentStatus } from '../../../../shared/protocol/http-incidents.ts';
import { instant } from '../../../../shared/wording/duration.ts';
import { Badge, type Tone } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import styles from './incident-card.module.css';

const TONES: Record<Impact, Tone> = { none: 'idle', minor: 'warn', major: 'bad', critical: 'bad' };
const NAMES = new Map<string, string>(Object.entries(COMPONENT_NAMES));
const STAGES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
const MAINTENANCE_STAGES = ['scheduled', 'in_progress', 'completed'] as const;

interface IncidentCardProps {
  api: ApiClient;
  incident: Incident;
  onChanged(): void;
}

/** One incident with everything that was said about it; while it is open more can be said. */
export function IncidentCard({ api, incident, onChanged }: IncidentCardProps) {
  const [writing, setWriting] = useState(false);
  return (
    <article class={styles.card} aria-label={incident.title} data-incident={incident.id}>
      <div class={layout.between}>
        <h3>{incident.title}</h3>
        <div class={layout.row}>
          <Badge tone={incident.resolved_at === null ? TONES[incident.impact] : 'idle'}>
            {incident.scheduled_for === null ? `impact: ${incident.impact}` : 'maintenance'}
          </Badge>
          <Badge tone={incident.resolved_at === null ? 'warn' : 'good'}>{wordOf(incident.status)}</Badge>
        </div>
      </div>
      <p class="soft">{factsOf(incident)}</p>
      <ol class={styles.updates}>
        {incident.updates.map(({ id, status, message, by, at }) => (
          <li key={id}>
            <strong>{wordOf(status)}</strong> {message}{' '}
            <span class="soft">
              {instant(at)}
              {by !== null && `, ${by}`}
            </span>
          </li>
        ))}
      </ol>
      {incident.resolved_at === null &&
        (writing ? (
          <UpdateForm
            incident={incident}
            onCancel={() => setWriting(false)}
            onSend={async (status, message, estimate) => {
              if (estimate !== undefined)
                await api.operations.patchIncident(incident.id, { estimated_resolution_at: estimate });
              await api.operations.updateIncident(incident.id, { status, message });
              setWriting(false);
              onChanged();
            }}
          />
        ) : (
          <div>
            <Button aria-label={`Say more, or close it: ${incident.title}`} onClick={() => setWriting(true)}>
              Say more, or close it
            </Button>
          </div>
        ))}
    </article>
  );
}

interface UpdateFormProps {
  incident: Incident;
  onCancel(): void;
  /** `estimate`: ISO; undefined: as it was. */
  onSend(status: IncidentStatus, message: string, estimate: string | undefined): Promise<void>;
}

function UpdateForm({ incident, onCancel, onSend }: UpdateFormProps) {
  const [status, setStatus] = useState<IncidentStatus>(incident.status);
  const [message, setMessage] = useState('');
  const [expected, setExpected] = useState('');
  const send = useAction(() => onSend(status, message, expected === '' ? undefined : new Date(expected).toISOString()));
  const stages: readonly IncidentStatus[] = incident.scheduled_for === null ? STAGES : MAINTENANCE_STAGES;
  return (
    <form
      class={layout.stack}
      onSubmit={(event) => {
        event.preventDefault();
        void send.run();
      }}
    >
      <div class={layout.row}>
        <Field label="Stage">
          {(field) => (
            <select
              {...field}
              value={status}
              onChange={(event) => setStatus(event.currentTarget.value as IncidentStatus)}
            >
              {stages.map((name) => (
                <option key={name} value={name}>
                  {wordOf(name)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {incident.scheduled_for === null && (
          <Field label="Expected to be over (optional)">
            {(field) => (
              <input
                {...field}
                type="datetime-local"
                value={expected}
                onChange={(event) => setExpected(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
      </div>
      <Field label="What to tell everybody">
        {(field) => <textarea {...field} value={message} onInput={(event) => setMessage(event.currentTarget.value)} />}
      </Field>
      <div class={layout.row}>
        <Button look="primary" type="submit" busy={send.busy} disabled={message.trim() === ''}>
          Publish
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Not now
        </Button>
      </div>
      {send.error !== undefined && <Problem>{send.error}</Problem>}
    </form>
  );
}

function wordOf(status: IncidentStatus): string {
  return status.replace('_', ' ');
}

function factsOf(incident: Incident): string {
  const { automatic, components, started_at, resolved_at, scheduled_for, scheduled_until } = incident;
  const { estimated_resolution_at, estimate_confidence } = incident;
  const when =
    scheduled_for !== null && scheduled_until !== null
      ? `${instant(scheduled_for)} to ${instant(scheduled_until)}`
      : `Since ${instant(started_at)}`;
  const facts = [
    when,
    resolved_at === null ? null : `over ${instant(resolved_at)}`,
    resolved_at !== null || estimated_resolution_at === null
      ? null
      : `expected to be over ${instant(estimated_resolution_at)} (${estimate_confidence} confidence)`,
    components.length === 0 ? null : components.map((name) => NAMES.get(name) ?? name).join(', '),
    automatic ? 'found by the service itself' : null,
  ];
  return facts.filter((fact) => fact !== null).join(' · ');
}
