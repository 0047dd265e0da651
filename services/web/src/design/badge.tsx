import type { ComponentChildren } from 'preact';
import styles from './badge.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'accent';

/** A state in a word. The word says it; the colour only repeats it. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`${styles.badge} ${styles[tone]}`}>{children}</span>;
}
