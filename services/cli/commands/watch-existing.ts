import type { TriggerAnswer } from '../../../shared/protocol/http.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CliServer } from '../server/cli-server.ts';
import type { Session } from '../session.ts';
import { watchRun } from './watch-run.ts';

/** Follows a run by its id; `accepted` when it has just been queued again. */
export async function watchExisting(
  session: Session,
  server: CliServer,
  runId: string,
  accepted: TriggerAnswer | null,
): Promise<ExitCode> {
  const api = server.api('admin');
  const run = await api.getRun(runId);
  const workflow = await api.getWorkflow(run.workflow_id).catch(() => null);
  const live = server.live('admin');
  try {
    return await watchRun({
      session,
      server,
      role: 'admin',
      live,
      earlier: [],
      runId,
      owner: run.user_id,
      workflow: { name: run.workflow_name, steps: workflow?.steps ?? [] },
      stepCount: run.step_count,
      accepted,
    });
  } finally {
    await live.stop();
  }
}
