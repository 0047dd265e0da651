import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { WorkflowAnswer } from '../../../../shared/protocol/http.ts';
import { instant } from '../../../../shared/wording/duration.ts';
import { PRIORITIES, type Priority } from '../../../../shared/workflow/priority.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { parsePayload } from './parse-payload.ts';
import { RepeatableStart } from './repeatable-start.ts';

/** The newest, as many as the API gives at once; older ones are found on the page of workflows. */
const SHOWN = 100;

/** Pick a workflow, give it a payload, start it. `chosen`: a workflow picked elsewhere. */
export function StartForm({ session, chosen }: { session: Session; chosen: string | null }) {
  const workflows = useResource('workflows', (signal) => session.api.listWorkflows({ limit: SHOWN, signal }));
  const [picked, setPicked] = useState(chosen);
  const [text, setText] = useState('');
  const [starts] = useState(() => new RepeatableStart(session.api));
  const [priority, setPriority] = useState<Priority>('normal');
  const payload = parsePayload(text);
  const items = workflows.value?.items ?? [];
  const workflowId = picked ?? items[0]?.id;
  const start = useAction(async () => {
    if (workflowId === undefined || payload.kind === 'wrong') return;
    const { run_id } = await starts.start({ workflow_id: workflowId, payload: payload.value, priority });
    await session.live.refresh(run_id);
  });

  if (workflows.error !== undefined) return <Problem>{workflows.error}</Problem>;
  if (workflows.value !== undefined && items.length === 0)
    return (
      <Empty title="There is no workflow yet.">
        <Link href="/workflows/new">Write the first one</Link>
      </Empty>
    );
  return (
    <form
      class={layout.stack}
      onSubmit={(event) => {
        event.preventDefault();
        void start.run();
      }}
    >
      <Field label="Workflow" {...hintOf(items.find(({ id }) => id === workflowId))}>
        {(field) => (
          <select {...field} value={workflowId} onChange={(event) => setPicked(event.currentTarget.value)}>
            {items.map((workflow) => (
              <option key={workflow.id} value={workflow.id}>
                {labelOf(workflow, items)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field
        label="Payload (JSON, optional)"
        hint="Steps reach it as {{payload.name}}."
        error={payload.kind === 'wrong' ? payload.why : undefined}
      >
        {(field) => (
          <textarea
            {...field}
            value={text}
            spellcheck={false}
            placeholder='{"topic": "tides"}'
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Priority">
        {(field) => (
          <select {...field} value={priority} onChange={(event) => setPriority(event.currentTarget.value as Priority)}>
            {PRIORITIES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class={layout.row}>
        <Button look="primary" type="submit" busy={start.busy} disabled={payload.kind === 'wrong'}>
          Start
        </Button>
        <Link href="/workflows/new">Write a new workflow</Link>
      </div>
      {start.error !== undefined && <Problem>{start.error}</Problem>}
    </form>
  );
}

/** Workflows may have the same name; then the time of writing tells them apart. */
function labelOf(workflow: WorkflowAnswer, all: readonly WorkflowAnswer[]): string {
  const same = all.filter(({ name }) => name === workflow.name).length;
  return same === 1 ? workflow.name : `${workflow.name} (written ${instant(workflow.created_at)})`;
}

function hintOf(workflow: { description: string | null; steps: readonly { type: string }[] } | undefined): {
  hint?: string;
} {
  if (workflow === undefined) return {};
  return { hint: workflow.description ?? workflow.steps.map(({ type }) => type).join(' → ') };
}
