import type { QueueEntry } from '../../../../shared/protocol/http.ts';
import { Button } from '../design/button.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';

interface CancelDialogProps {
  entry: QueueEntry;
  onClose(): void;
  onCancel(): Promise<void>;
}

/** Asks before somebody else's run is taken out of the queue. */
export function CancelDialog({ entry, onClose, onCancel }: CancelDialogProps) {
  const cancel = useAction(onCancel);
  return (
    <Dialog
      title={`Cancel ${entry.workflow_name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Let it wait</Button>
          <Button look="danger" busy={cancel.busy} onClick={() => void cancel.run()}>
            Cancel the run
          </Button>
        </>
      }
    >
      <p>It is a run of {entry.user_id}, who is told that it was cancelled.</p>
      {cancel.error !== undefined && <Problem>{cancel.error}</Problem>}
    </Dialog>
  );
}
