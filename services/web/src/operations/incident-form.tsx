import { useState } from 'preact/hooks';
import type { Component } from '../../../../shared/protocol/components.ts';
import type { Impact, IncidentBody } from '../../../../shared/protocol/http-incidents.ts';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import { ComponentChoice } from './component-choice.tsx';

const IMPACTS: readonly Impact[] = ['none', 'minor', 'major', 'critical'];

interface IncidentFormProps {
  kind: 'incident' | 'maintenance';
  onCancel(): void;
  onSend(body: IncidentBody): Promise<void>;
}

/** Tells everybody that something is wrong, or will be worked on. */
export function IncidentForm({ kind, onCancel, onSend }: IncidentFormProps) {
  const [title, setTitle] = useState('');
  const [message, setMessage] = useState('');
  const [impact, setImpact] = useState<Impact>(kind === 'incident' ? 'minor' : 'none');
  const [components, setComponents] = useState<readonly Component[]>([]);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const planned = kind === 'maintenance';
  const whole = title.trim() !== '' && message.trim() !== '' && (!planned || (from !== '' && until !== ''));
  const send = useAction(() =>
    onSend({
      title,
      message,
      impact,
      components: [...components],
      ...(planned
        ? { scheduled_for: new Date(from).toISOString(), scheduled_until: new Date(until).toISOString() }
        : {}),
    }),
  );
  const time = (label: string, value: string, set: (text: string) => void) => (
    <Field label={label}>
      {(field) => (
        <input {...field} type="datetime-local" value={value} onChange={(event) => set(event.currentTarget.value)} />
      )}
    </Field>
  );
  return (
    <Panel title={planned ? 'Plan maintenance' : 'Report an incident'}>
      <form
        class={layout.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void send.run();
        }}
      >
        <Field label="Title">
          {(field) => <input {...field} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />}
        </Field>
        <Field label="What to tell everybody">
          {(field) => (
            <textarea {...field} value={message} onInput={(event) => setMessage(event.currentTarget.value)} />
          )}
        </Field>
        <div class={layout.row}>
          <Field label="Impact">
            {(field) => (
              <select {...field} value={impact} onChange={(event) => setImpact(event.currentTarget.value as Impact)}>
                {IMPACTS.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {planned && time('Begins', from, setFrom)}
          {planned && time('Ends', until, setUntil)}
        </div>
        <ComponentChoice chosen={components} onChange={setComponents} />
        <div class={layout.row}>
          <Button look="primary" type="submit" busy={send.busy} disabled={!whole}>
            Publish
          </Button>
          <Button look="quiet" onClick={onCancel}>
            Not now
          </Button>
        </div>
        {send.error !== undefined && <Problem>{send.error}</Problem>}
      </form>
    </Panel>
  );
}
