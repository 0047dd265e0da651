import type { ComponentChildren } from 'preact';
import styles from './problem.module.css';

/** Something did not work; read out at once. */
export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <div class={styles.problem} role="alert">
      {children}
    </div>
  );
}
