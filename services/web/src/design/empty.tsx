import type { ComponentChildren } from 'preact';
import styles from './empty.module.css';

/** Says that there is nothing, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class={styles.empty}>
      <p class={styles.title}>{title}</p>
      {children}
    </div>
  );
}
