import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { sentenceOf } from '../requests/use-resource.ts';
import styles from './error-boundary.module.css';

interface ErrorBoundaryProps {
  /** What cannot be shown, as the heading names it: "This page". */
  what: string;
  /** Nothing of the console is left around it. */
  alone?: boolean;
  children: ComponentChildren;
}

/**
 * An error while something is drawn, or in an effect, ends here, in words and with a way on; what is around goes on. Without it, Preact leaves
 * all that was being drawn half done: effects that had run count as not run and run again at every attempt, so a page that reads something
 * would read without end, and effects of other pages would wait for ever.
 */
export function ErrorBoundary({ what, alone = false, children }: ErrorBoundaryProps) {
  const [error, tryAgain] = useErrorBoundary((thrown: unknown) => console.error(thrown));
  if (error === undefined) return <>{children}</>;
  const words = (
    <>
      <h1>{what} has run into an error</h1>
      <Panel title="What happened">
        <div class={layout.stack}>
          <Problem>The console made a mistake; it is not your doing. The error says: {sentenceOf(error)}</Problem>
          <p>Workflows and conversations are not touched by it. If it comes back, load the console anew.</p>
          <div class={layout.row}>
            <Button look="primary" onClick={tryAgain}>
              Try again
            </Button>
            <Button onClick={() => location.reload()}>Load the console anew</Button>
          </div>
        </div>
      </Panel>
    </>
  );
  return alone ? <main class={styles.alone}>{words}</main> : words;
}
