import { estimate, wholeSeconds } from '../../../../shared/wording/duration.ts';
import type { PlaceView, RunView } from '../live/run-view.ts';
import { now } from '../shell/now.ts';
import styles from './place.module.css';

/** Where a waiting run stands, when it will start as far as anybody knows, and how long it waits at most. */
export function Place({ run, place }: { run: RunView; place: PlaceView }) {
  const leftMs = Date.parse(place.expiresAt) - now.value;
  const share = waitedShare(run, place, now.value);
  return (
    <div class={styles.place}>
      <p>
        <strong>{place.position === null ? 'Waiting' : `Position ${place.position}`}</strong>
        <span class="soft">
          {place.estimatedWaitSeconds === null
            ? ' · start not known yet'
            : ` · starts in ${estimate(place.estimatedWaitSeconds)}`}
        </span>
      </p>
      <progress
        class={styles.bar}
        aria-label={`Wait of ${run.workflowName}`}
        max={1}
        {...(share === null ? {} : { value: share })}
      />
      <p class={styles.limit}>{leftMs > 0 ? `Waits ${wholeSeconds(leftMs)} at most` : 'The wait is over'}</p>
    </div>
  );
}

/** How much of the whole wait is over, 0 to 1; null: nobody knows how long it is. */
function waitedShare(run: RunView, place: PlaceView, at: number): number | null {
  if (place.estimatedWaitSeconds === null || run.acceptedAt === null) return null;
  const waited = Math.max(0, at - Date.parse(run.acceptedAt));
  const whole = waited + place.estimatedWaitSeconds * 1_000;
  return whole === 0 ? 1 : waited / whole;
}
