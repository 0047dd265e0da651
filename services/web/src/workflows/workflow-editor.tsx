import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { StepKind, WorkflowDefinition } from '../../../../shared/workflow/definition.ts';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import type { Session } from '../session/session.ts';
import { type Draft, definitionOf, draftOf, emptyDraft, faultsOfDraft, newStep, type StepDraft } from './draft.ts';
import { JsonEditor } from './json-editor.tsx';
import { StepEditor } from './step-editor.tsx';

/** Kinds of steps and what the buttons that add them say. */
const KINDS: ReadonlyArray<[StepKind, string]> = [
  ['llm', 'Ask a model'],
  ['delay', 'Wait'],
  ['webhook', 'Call a webhook'],
];

interface WorkflowEditorProps {
  session: Session;
  /** What to begin with; null: an empty one. */
  model: WorkflowDefinition | null;
}

/** Writes a workflow, in fields or as JSON, and says at every key what is still missing. */
export function WorkflowEditor({ session, model }: WorkflowEditorProps) {
  const [draft, setDraft] = useState<Draft>(() => (model === null ? emptyDraft() : draftOf(model)));
  const [asJson, setAsJson] = useState(false);
  /** The text of the JSON is no definition: `draft` is not what the writer sees. */
  const [broken, setBroken] = useState(false);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const [, navigate] = useLocation();
  const faults = faultsOfDraft(draft);
  // Nobody is told that a field is empty before they have been there.
  const faultOf = (path: string) =>
    tried || touched.has(path) ? faults.find((fault) => fault.path === path)?.message : undefined;
  const change = (next: Partial<Draft>, path?: string) => {
    setDraft({ ...draft, ...next });
    if (path !== undefined) setTouched(new Set([...touched, path]));
  };
  const setStep = (index: number, step: StepDraft, path?: string) =>
    change({ steps: draft.steps.map((before, at) => (at === index ? step : before)) }, path);
  const move = (from: number, to: number) => {
    const steps = [...draft.steps];
    steps.splice(to, 0, ...steps.splice(from, 1));
    change({ steps });
  };
  const save = useAction(async () => {
    setTried(true);
    if (faults.length > 0 || broken) return;
    const { id } = await session.api.createWorkflow(definitionOf(draft) as WorkflowDefinition);
    navigate(`/?workflow=${id}`);
  });

  return (
    <form
      class={layout.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save.run();
      }}
    >
      <div class={layout.between}>
        <h1>New workflow</h1>
        <Button look="quiet" disabled={broken} onClick={() => setAsJson(!asJson)}>
          {asJson ? 'Write it in fields' : 'Write it as JSON'}
        </Button>
      </div>
      {asJson ? (
        <JsonEditor
          definition={definitionOf(draft)}
          onChange={(definition) => {
            setBroken(definition === null);
            if (definition !== null) setDraft(draftOf(definition));
          }}
        />
      ) : (
        <>
          <Panel title="About it">
            <div class={layout.stack}>
              <Field label="Name" error={faultOf('name')}>
                {(field) => (
                  <input
                    {...field}
                    value={draft.name}
                    onInput={(event) => change({ name: event.currentTarget.value }, 'name')}
                  />
                )}
              </Field>
              <Field label="Description (optional)" error={faultOf('description')}>
                {(field) => (
                  <input
                    {...field}
                    value={draft.description}
                    onInput={(event) => change({ description: event.currentTarget.value }, 'description')}
                  />
                )}
              </Field>
            </div>
          </Panel>
          <ol class={layout.stack} aria-label="Steps">
            {draft.steps.map((step, index) => (
              <li key={step.key}>
                <StepEditor
                  step={step}
                  index={index}
                  count={draft.steps.length}
                  faultOf={(name) => faultOf(`steps.${index}.${name}`)}
                  onChange={(next, name) => setStep(index, next, `steps.${index}.${name}`)}
                  onMove={(to) => move(index, to)}
                  onRemove={() => change({ steps: draft.steps.filter((other) => other !== step) })}
                />
              </li>
            ))}
          </ol>
          <div class={layout.row}>
            <span class="soft">Add a step:</span>
            {KINDS.map(([kind, label]) => (
              <Button key={kind} onClick={() => change({ steps: [...draft.steps, newStep(kind, draft.steps)] })}>
                {label}
              </Button>
            ))}
          </div>
        </>
      )}
      <div class={layout.row}>
        <Button look="primary" type="submit" busy={save.busy} disabled={broken}>
          Save
        </Button>
        <span class="soft" role="status">
          {broken ? 'The text is not right yet.' : summaryOf(faults.length)}
        </span>
      </div>
      {faultOf('steps') !== undefined && <Problem>{faultOf('steps')}</Problem>}
      {save.error !== undefined && <Problem>{save.error}</Problem>}
    </form>
  );
}

function summaryOf(faults: number): string {
  if (faults === 0) return 'Ready to be saved.';
  return faults === 1 ? 'One thing is still missing.' : `${faults} things are still missing.`;
}
