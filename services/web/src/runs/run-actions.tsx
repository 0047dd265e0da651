import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { isFinal } from '../../../../shared/workflow/run-state.ts';
import { Button } from '../design/button.tsx';
import { Dialog } from '../design/dialog.tsx';
import layout from '../design/layout.module.css';
import { Problem } from '../design/problem.tsx';
import type { RunView } from '../live/run-view.ts';
import { useAction } from '../requests/use-action.ts';
import type { Session } from '../session/session.ts';
import { RepeatableStart } from './repeatable-start.ts';

/** What can be done with a run now: cancel it while it is not over, start it again. */
export function RunActions({ run, session }: { run: RunView; session: Session }) {
  const { api, live } = session;
  const [starts] = useState(() => new RepeatableStart(api));
  const [asking, setAsking] = useState(false);
  const [, navigate] = useLocation();
  const cancel = useAction(async () => {
    await live.cancel(run.id);
    setAsking(false);
  });
  const retry = useAction(async () => {
    await api.retry(run.id);
    await live.refresh(run.id);
  });
  const again = useAction(async () => {
    const { payload } = await api.getRun(run.id);
    const { run_id } = await starts.start({ workflow_id: run.workflowId, payload });
    await live.refresh(run_id);
    navigate(`/runs/${run_id}`);
  });
  const error = retry.error ?? again.error;
  return (
    <div class={layout.row}>
      {!isFinal(run.status) && (
        <Button look="danger" onClick={() => setAsking(true)} aria-label={`Cancel ${run.workflowName}`}>
          Cancel
        </Button>
      )}
      {run.status === 'failed' && (
        <Button look="primary" busy={retry.busy} onClick={() => void retry.run()}>
          Retry from where it failed
        </Button>
      )}
      {isFinal(run.status) && (
        <Button busy={again.busy} onClick={() => void again.run()}>
          Start again
        </Button>
      )}
      {error !== undefined && <Problem>{error}</Problem>}
      {asking && (
        <Dialog
          title={`Cancel ${run.workflowName}?`}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Let it go on</Button>
              <Button look="danger" busy={cancel.busy} onClick={() => void cancel.run()}>
                Cancel the run
              </Button>
            </>
          }
        >
          <p>
            {run.status === 'queued'
              ? 'It loses its place in the queue.'
              : 'The step under way is broken off. What earlier steps did stays done.'}
          </p>
          {cancel.error !== undefined && <Problem>{cancel.error}</Problem>}
        </Dialog>
      )}
    </div>
  );
}
