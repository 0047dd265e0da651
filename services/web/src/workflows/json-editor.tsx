import { useState } from 'preact/hooks';
import type { WorkflowDefinition } from '../../../../shared/workflow/definition.ts';
import { Field } from '../design/field.tsx';
import { Panel } from '../design/panel.tsx';
import { faultsOf } from './draft.ts';
import styles from './json-editor.module.css';

interface JsonEditorProps {
  /** What to begin with. */
  definition: unknown;
  /** Called at every key; null: the text is no definition now. */
  onChange(definition: WorkflowDefinition | null): void;
}

/** A workflow as the API takes it; what is wrong is named with its place. */
export function JsonEditor({ definition, onChange }: JsonEditorProps) {
  const [text, setText] = useState(() => JSON.stringify(definition, null, 2));
  const read = readDefinition(text);
  return (
    <Panel title="Definition">
      <Field label="JSON" hint="As the API takes it." error={'why' in read ? read.why : undefined}>
        {(field) => (
          <textarea
            {...field}
            class={`${field.class} ${styles.text}`}
            value={text}
            spellcheck={false}
            onInput={(event) => {
              setText(event.currentTarget.value);
              const next = readDefinition(event.currentTarget.value);
              onChange('definition' in next ? next.definition : null);
            }}
          />
        )}
      </Field>
    </Panel>
  );
}

function readDefinition(text: string): { definition: WorkflowDefinition } | { why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { why: `This is not JSON: ${error instanceof Error ? error.message : error}.` };
  }
  const [fault] = faultsOf(value);
  if (fault === undefined) return { definition: value as WorkflowDefinition };
  return { why: fault.path === '' ? fault.message : `${fault.path}: ${fault.message}` };
}
