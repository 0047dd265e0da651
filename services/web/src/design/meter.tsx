import type { Tone } from './badge.tsx';
import styles from './meter.module.css';

interface MeterProps {
  label: string;
  /** null: not known. */
  value: number | null;
  max: number | null;
  /** Share of `max` (0–1) from which it looks worrying, and from which bad. Default 0.8 and 1. */
  warnFrom?: number;
  badFrom?: number;
}

/** How much of a limit is used, as figures and as a bar. */
export function Meter({ label, value, max, warnFrom = 0.8, badFrom = 1 }: MeterProps) {
  const share = value === null || max === null ? null : max === 0 ? (value > 0 ? 1 : 0) : value / max;
  const text = value === null ? 'not known' : max === null ? `${value}` : `${value} of ${max}`;
  return (
    <div class={styles.meter}>
      <div class={styles.words}>
        <span>{label}</span>
        <span class="figures soft">{text}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: <meter> cannot be styled the same in all browsers */}
      <div
        class={styles.track}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max ?? 0}
        aria-valuenow={value ?? 0}
        aria-valuetext={text}
      >
        <div
          class={`${styles.fill} ${styles[toneOf(share ?? 0, warnFrom, badFrom)]}`}
          style={{ width: `${Math.min(1, share ?? 0) * 100}%` }}
        />
      </div>
    </div>
  );
}

function toneOf(share: number, warnFrom: number, badFrom: number): Tone {
  if (share >= badFrom) return 'bad';
  return share >= warnFrom ? 'warn' : 'accent';
}
