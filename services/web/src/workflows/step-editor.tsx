import type { JSX } from 'preact';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import layout from '../design/layout.module.css';
import { SETTINGS, type Setting, type StepDraft } from './draft.ts';
import styles from './step-editor.module.css';

const WORDS = { llm: 'model', delay: 'wait', webhook: 'webhook' } as const;

interface StepEditorProps {
  step: StepDraft;
  index: number;
  count: number;
  /** By `name` or `config.<setting>`. */
  faultOf(name: string): string | undefined;
  onChange(step: StepDraft, name: string): void;
  onMove(to: number): void;
  onRemove(): void;
}

/** One step of a workflow that is written: its name, what it needs, and the rest folded away. */
export function StepEditor({ step, index, count, faultOf, onChange, onMove, onRemove }: StepEditorProps) {
  const settings = SETTINGS[step.type];
  const first = settings.filter(({ required }) => required);
  const rest = settings.filter(({ required }) => !required);
  const open = rest.some(({ name }) => (step.settings[name] ?? '') !== '' || faultOf(`config.${name}`) !== undefined);
  const field = (setting: Setting) => (
    <SettingField
      key={setting.name}
      setting={setting}
      value={step.settings[setting.name] ?? ''}
      error={faultOf(`config.${setting.name}`)}
      onInput={(text) =>
        onChange({ ...step, settings: { ...step.settings, [setting.name]: text } }, `config.${setting.name}`)
      }
    />
  );
  return (
    <fieldset class={styles.step}>
      <legend class="unseen">Step {index + 1}</legend>
      <div class={layout.between}>
        <div class={layout.row}>
          <span class={styles.number} aria-hidden="true">
            {index + 1}
          </span>
          <Badge tone="accent">{WORDS[step.type]}</Badge>
        </div>
        <div class={layout.row}>
          <Button
            look="quiet"
            disabled={index === 0}
            aria-label={`Move step ${index + 1} up`}
            onClick={() => onMove(index - 1)}
          >
            ↑
          </Button>
          <Button
            look="quiet"
            disabled={index === count - 1}
            aria-label={`Move step ${index + 1} down`}
            onClick={() => onMove(index + 1)}
          >
            ↓
          </Button>
          <Button look="quiet" aria-label={`Remove step ${index + 1}`} onClick={onRemove}>
            Remove
          </Button>
        </div>
      </div>
      <Field label="Step name" hint={`Later steps reach it as {{steps.${step.name}.output}}.`} error={faultOf('name')}>
        {(binding) => (
          <input
            {...binding}
            value={step.name}
            spellcheck={false}
            onInput={(event) => onChange({ ...step, name: event.currentTarget.value }, 'name')}
          />
        )}
      </Field>
      {first.map(field)}
      {rest.length > 0 && (
        <details class={styles.more} open={open}>
          <summary>More settings</summary>
          <div class={styles.grid}>{rest.map(field)}</div>
        </details>
      )}
    </fieldset>
  );
}

interface SettingFieldProps {
  setting: Setting;
  value: string;
  error: string | undefined;
  onInput(text: string): void;
}

function SettingField({ setting, value, error, onInput }: SettingFieldProps) {
  const { label, hint, placeholder, long, kind } = setting;
  return (
    <div class={long ? styles.long : undefined}>
      <Field label={label} error={error} {...(hint === undefined ? {} : { hint })}>
        {(binding) => {
          const shared = {
            ...binding,
            value,
            spellcheck: kind === 'text' && long === true,
            ...(placeholder === undefined ? {} : { placeholder }),
            onInput: (event: JSX.TargetedInputEvent<HTMLInputElement | HTMLTextAreaElement>) =>
              onInput(event.currentTarget.value),
          };
          return long ? (
            <textarea {...shared} />
          ) : (
            <input {...shared} inputMode={kind === 'number' ? 'decimal' : 'text'} />
          );
        }}
      </Field>
    </div>
  );
}
