import { useState } from 'preact/hooks';
import type { Limits } from '../../../../shared/protocol/http-service.ts';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { FeaturePanel } from './feature-panel.tsx';
import styles from './limits-page.module.css';

const LABELS: Record<keyof Limits, { label: string; hint: string }> = {
  max_users: { label: 'Users', hint: 'At 80 % people are warned, at 90 % comforts go, at 100 % the service is full.' },
  hard_limit_users: { label: 'Users beyond whom nobody new is let in', hint: '0: twice the limit of users.' },
  max_workflows: { label: 'Running workflows', hint: 'All others wait in the queue. 0: nothing starts.' },
  drain_per_second: {
    label: 'Starts a second out of the queue',
    hint: 'So that a free cluster is not run over at once.',
  },
  queue_max: { label: 'Waiting workflows', hint: 'Beyond, starts are refused.' },
  queue_max_per_user: { label: 'Waiting workflows of one user', hint: 'Beyond, theirs are refused.' },
  queue_timeout_seconds: { label: 'Longest wait (s)', hint: 'Whoever waits longer is told and taken out.' },
};
const NAMES = Object.keys(LABELS) as Array<keyof Limits>;

/** What the cluster takes on: limits and comforts, changed on all replicas at once. */
export function LimitsPage({ session: { api } }: { session: Session }) {
  const capacity = useResource('limits', (signal) => api.capacity({ signal }));
  const [texts, setTexts] = useState<Partial<Record<keyof Limits, string>>>({});
  const [saved, setSaved] = useState(false);
  const limits = capacity.value?.limits;
  const changed = NAMES.filter((name) => texts[name] !== undefined && texts[name] !== String(limits?.[name]));
  const save = useAction(async () => {
    await api.patchCapacity(Object.fromEntries(changed.map((name) => [name, Number(texts[name])])));
    setTexts({});
    setSaved(true);
    capacity.reload();
  });
  const wrong = changed.some((name) => faultOf(texts[name]) !== undefined);
  return (
    <>
      <h1>Limits</h1>
      <Panel title="Capacity of the cluster">
        {capacity.error !== undefined && <Problem>{capacity.error}</Problem>}
        {limits !== undefined && (
          <form
            class={layout.stack}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (changed.length > 0 && !wrong) void save.run();
            }}
          >
            <div class={styles.grid}>
              {NAMES.map((name) => (
                <Field key={name} {...LABELS[name]} error={faultOf(texts[name])}>
                  {(field) => (
                    <input
                      {...field}
                      inputMode="numeric"
                      value={texts[name] ?? String(limits[name])}
                      onInput={(event) => {
                        setSaved(false);
                        setTexts({ ...texts, [name]: event.currentTarget.value });
                      }}
                    />
                  )}
                </Field>
              ))}
            </div>
            <div class={layout.row}>
              <Button look="primary" type="submit" busy={save.busy} disabled={changed.length === 0 || wrong}>
                Change
              </Button>
              {changed.length > 0 && (
                <Button look="quiet" onClick={() => setTexts({})}>
                  Back to what holds now
                </Button>
              )}
              <span class="soft" role="status">
                {saved ? 'Changed on all replicas.' : ''}
              </span>
            </div>
            {save.error !== undefined && <Problem>{save.error}</Problem>}
          </form>
        )}
      </Panel>
      <FeaturePanel api={api} />
    </>
  );
}

function faultOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? undefined : 'Must be a number.';
}
