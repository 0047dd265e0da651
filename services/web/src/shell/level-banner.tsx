import { TEXTS } from '../../../../shared/protocol/texts.ts';
import type { CapacityLevel, Comfort } from '../../../../shared/workflow/capacity-level.ts';
import type { Live } from '../live/live.ts';
import styles from './level-banner.module.css';

const NAMES: Record<Comfort, string> = { read_receipts: 'read receipts', presence: 'presence', typing: 'typing' };

/** What is different now because many people are here; nothing at level normal. */
export function LevelBanner({ live }: { live: Live }) {
  const capacity = live.capacity.value;
  const off = live.disabled.value;
  if (capacity === null || (capacity.level === 'normal' && off.length === 0)) return null;
  return (
    <div class={`${styles.banner} ${styles[capacity.level]}`} role="status" data-level={capacity.level}>
      <p class={styles.text}>{sentence(capacity.level, off.length > 0)}</p>
      <p class={styles.more}>
        {capacity.active_users} of {capacity.max_users} users are here.
        {off.length > 0 && ` Off for now: ${new Intl.ListFormat('en').format(off.map((name) => NAMES[name]))}.`}
      </p>
    </div>
  );
}

function sentence(level: CapacityLevel, shed: boolean): string {
  if (shed) return TEXTS.degraded;
  return level === 'normal' ? TEXTS.capacityNormal : TEXTS.highDemand;
}
