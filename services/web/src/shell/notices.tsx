import { useEffect } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import type { Live, Notice } from '../live/live.ts';
import styles from './notices.module.css';

/** Good news may go by itself; what may matter stays until it is put away. */
const GOOD_NEWS_MS = 8_000;

/** Sentences of the server, said to screen readers as they come. */
export function Notices({ live }: { live: Live }) {
  return (
    <div class={styles.notices} aria-live="polite">
      {live.notices.value.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onDismiss={() => live.dismiss(notice.id)} />
      ))}
    </div>
  );
}

function NoticeCard({ notice, onDismiss }: { notice: Notice; onDismiss(): void }) {
  useEffect(() => {
    if (notice.tone !== 'good') return;
    const timer = setTimeout(onDismiss, GOOD_NEWS_MS);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <div class={`${styles.notice} ${styles[notice.tone]}`}>
      <p>{notice.message}</p>
      <Button look="quiet" aria-label={`OK: ${notice.message}`} onClick={onDismiss}>
        OK
      </Button>
    </div>
  );
}
