import type { ComponentChildren, JSX } from 'preact';
import styles from './button.module.css';

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'class' | 'ref'> & {
  children: ComponentChildren;
  /** `primary`: the one thing to do here; `danger`: cannot be taken back; `quiet`: beside others in a row. Default: plain. */
  look?: 'primary' | 'plain' | 'danger' | 'quiet';
  /** Under way: says so to screen readers and cannot be pressed again. */
  busy?: boolean;
};

/** A button that does something; what leads somewhere is a link. */
export function Button({
  look = 'plain',
  busy = false,
  disabled = false,
  type = 'button',
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      class={`${styles.button} ${styles[look]}`}
      disabled={disabled || busy}
      aria-busy={busy ? 'true' : undefined}
    >
      {children}
    </button>
  );
}
