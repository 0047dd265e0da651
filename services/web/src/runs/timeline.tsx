import { duration } from '../../../../shared/wording/duration.ts';
import type { RunView, StepView } from '../live/run-view.ts';
import { StepOutput } from './step-output.tsx';
import styles from './timeline.module.css';

const STATES = { running: 'under way', succeeded: 'done', failed: 'failed' } as const;

/** The steps of a run in order, with what they say; `full`: whole outputs, else only the one under way. */
export function Timeline({ run, full }: { run: RunView; full: boolean }) {
  const ahead = Math.max(0, run.stepCount - run.steps.length);
  const live = run.status === 'running';
  return (
    <ol class={styles.timeline} aria-label={`Steps of ${run.workflowName}`}>
      {run.steps.map((step) => (
        <li key={step.index} class={styles.step} data-state={step.state}>
          <div class={styles.head}>
            <span class={styles.mark} aria-hidden="true" />
            <span class={styles.name}>{step.name}</span>
            <span class={styles.facts}>{factsOf(step, live)}</span>
          </div>
          {step.text !== '' && (full || step.state === 'running') && (
            <StepOutput step={step} live={live && step.state === 'running'} full={full} />
          )}
        </li>
      ))}
      {ahead > 0 && (
        <li class={styles.step} data-state="ahead">
          <div class={styles.head}>
            <span class={styles.mark} aria-hidden="true" />
            <span class="soft">{run.steps.length === 0 ? wholeCount(ahead) : `${ahead} more`}</span>
          </div>
        </li>
      )}
    </ol>
  );
}

function wholeCount(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}

function factsOf(step: StepView, live: boolean): string {
  if (step.state === 'running') return live ? STATES.running : 'broken off';
  const facts = [STATES[step.state]];
  return [...facts, step.durationMs === null ? null : duration(step.durationMs), step.provider]
    .filter((fact) => fact !== null)
    .join(' · ');
}
