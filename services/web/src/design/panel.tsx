import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import styles from './panel.module.css';

interface PanelProps {
  title: string;
  /** Beside the title, at the right. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A titled part of a page; a landmark to screen readers. */
export function Panel({ title, actions, children }: PanelProps) {
  const id = useId();
  return (
    <section class={styles.panel} aria-labelledby={id}>
      <header class={styles.head}>
        <h2 id={id}>{title}</h2>
        {actions && <div class={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
