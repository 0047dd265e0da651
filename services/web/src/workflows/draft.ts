import type { FieldError } from '../../../../shared/errors/weir-error.ts';
import { fieldErrors, plainWords } from '../../../../shared/wording/field-errors.ts';
import { definitionSchema, type StepKind, type WorkflowDefinition } from '../../../../shared/workflow/definition.ts';

/** A step while it is written: every setting as its text, empty for those left out. */
export interface StepDraft {
  /** Stays the same while steps move. */
  key: number;
  name: string;
  type: StepKind;
  settings: Readonly<Record<string, string>>;
}

/** A workflow while it is written. */
export interface Draft {
  name: string;
  description: string;
  steps: readonly StepDraft[];
}

/** `text` as it is, a `number`, or any `json`. */
type SettingKind = 'text' | 'number' | 'json';

export interface Setting {
  name: string;
  kind: SettingKind;
  label: string;
  hint?: string;
  placeholder?: string;
  required?: boolean;
  /** Several lines. */
  long?: boolean;
}

/** What a step of each kind can be told, in the order in which people think of it. */
export const SETTINGS: Readonly<Record<StepKind, readonly Setting[]>> = {
  llm: [
    {
      name: 'prompt',
      kind: 'text',
      label: 'Prompt',
      long: true,
      required: true,
      hint: '{{payload.name}} and {{steps.<name>.output}} are filled in.',
    },
    { name: 'system', kind: 'text', label: 'System prompt', long: true },
    { name: 'model', kind: 'text', label: 'Model', hint: "Left out: the provider's usual one." },
    { name: 'max_tokens', kind: 'number', label: 'Most tokens' },
    { name: 'temperature', kind: 'number', label: 'Temperature', placeholder: '0 to 2' },
    { name: 'timeout_seconds', kind: 'number', label: 'Time limit (s)' },
  ],
  delay: [{ name: 'duration', kind: 'number', label: 'Wait (s)', required: true }],
  webhook: [
    { name: 'url', kind: 'text', label: 'Address', required: true, placeholder: 'https://example.com/hook' },
    { name: 'method', kind: 'text', label: 'Method', placeholder: 'POST' },
    { name: 'headers', kind: 'json', label: 'Headers (JSON)', long: true, placeholder: '{"X-Topic": "tides"}' },
    { name: 'body', kind: 'json', label: 'Body (JSON)', long: true, hint: 'Strings in it are templates.' },
    { name: 'timeout_seconds', kind: 'number', label: 'Time limit (s)' },
  ],
};

let keys = 0;

export function newStep(type: StepKind, steps: readonly StepDraft[]): StepDraft {
  keys += 1;
  const taken = new Set(steps.map(({ name }) => name));
  let name = `step-${steps.length + 1}`;
  for (let number = steps.length + 2; taken.has(name); number++) name = `step-${number}`;
  return { key: keys, name, type, settings: {} };
}

export function emptyDraft(): Draft {
  return { name: '', description: '', steps: [newStep('llm', [])] };
}

/** The definition as far as it is written; what is not a number or not JSON stays text. */
export function definitionOf(draft: Draft): unknown {
  return {
    name: draft.name,
    ...(draft.description === '' ? {} : { description: draft.description }),
    steps: draft.steps.map(({ name, type, settings }) => ({
      name,
      type,
      config: Object.fromEntries(
        SETTINGS[type].flatMap((setting) => {
          const text = settings[setting.name] ?? '';
          return text === '' ? [] : [[setting.name, settingOf(setting.kind, text)]];
        }),
      ),
    })),
  };
}

/** A definition back in its fields. Settings that no field is made for are lost, so only what {@link faultsOf} finds right should be given. */
export function draftOf(definition: WorkflowDefinition): Draft {
  return {
    name: definition.name,
    description: definition.description ?? '',
    steps: definition.steps.map(({ name, type, config }) => ({
      ...newStep(type, []),
      name,
      settings: Object.fromEntries(
        SETTINGS[type].flatMap((setting) => {
          const value = (config as Record<string, unknown>)[setting.name];
          return value === undefined ? [] : [[setting.name, textOf(setting.kind, value)]];
        }),
      ),
    })),
  };
}

/** Why a definition cannot be stored, in the server's own words; empty: it can. */
export function faultsOf(definition: unknown): FieldError[] {
  const parsed = definitionSchema.safeParse(definition, { error: plainWords });
  return parsed.success ? [] : fieldErrors(parsed.error.issues);
}

/** Why a draft cannot be stored; paths are those of its definition. */
export function faultsOfDraft(draft: Draft): FieldError[] {
  const notJson = draft.steps.flatMap(({ type, settings }, index) =>
    SETTINGS[type]
      .filter(({ name, kind }) => kind === 'json' && !isJson(settings[name] ?? ''))
      .map(({ name }) => ({
        path: `steps.${index}.config.${name}`,
        message: 'This is not JSON; text stands in quotes.',
      })),
  );
  const known = new Set(notJson.map(({ path }) => path));
  return [...notJson, ...faultsOf(definitionOf(draft)).filter(({ path }) => !known.has(path))];
}

function isJson(text: string): boolean {
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function settingOf(kind: SettingKind, text: string): unknown {
  if (kind === 'text') return text;
  if (kind === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(kind: SettingKind, value: unknown): string {
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value);
}
