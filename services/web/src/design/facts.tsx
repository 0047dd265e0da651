import type { ComponentChildren } from 'preact';
import styles from './facts.module.css';

/** Names and what they are. */
export function Facts({ facts }: { facts: ReadonlyArray<readonly [string, ComponentChildren]> }) {
  return (
    <dl class={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} class={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
