import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import styles from './field.module.css';

/** What the input of a field must carry so that label, hint and error belong to it. */
export interface FieldBinding {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': 'true' | undefined;
  class: string;
}

interface FieldProps {
  label: string;
  hint?: string;
  /** A sentence; shown in place of the hint. */
  error?: string | undefined;
  children(binding: FieldBinding): ComponentChildren;
}

/** A labelled input with its hint or error: `<Field label="Name">{(field) => <input {...field} />}</Field>`. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const about = error ?? hint;
  return (
    <div class={styles.field}>
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': about === undefined ? undefined : `${id}-about`,
        'aria-invalid': error === undefined ? undefined : 'true',
        class: styles.input ?? '',
      })}
      {about !== undefined && (
        <p id={`${id}-about`} class={error === undefined ? styles.hint : styles.error}>
          {about}
        </p>
      )}
    </div>
  );
}
