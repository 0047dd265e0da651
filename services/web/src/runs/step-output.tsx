import { useEffect, useRef } from 'preact/hooks';
import type { StepView } from '../live/run-view.ts';
import styles from './step-output.module.css';

interface StepOutputProps {
  step: StepView;
  /** More is coming: the end of the text is kept in view. */
  live: boolean;
  full: boolean;
}

/** What a step has said. While it is live, a reader who has scrolled back is left alone. */
export function StepOutput({ step, live, full }: StepOutputProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // Every piece of text moves the end.
  useEffect(() => {
    if (live && atEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [step.text, live]);
  return (
    <div
      ref={box}
      class={`${styles.output} ${full ? styles.full : ''}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={`Output of ${step.name}`}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {step.restarted && live && <p class={styles.restarted}>The answer was begun anew.</p>}
      {step.text}
      {live && <span class={styles.cursor} aria-hidden="true" />}
    </div>
  );
}
