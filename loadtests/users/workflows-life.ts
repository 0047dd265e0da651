import { wait } from '../../shared/protocol/client/wait.ts';
import { oneOf, shrug, think } from './habits.ts';
import type { User } from './user.ts';

/** Share of the starts that are sent twice. */
const IMPATIENT = 0.1;

/** Starts workflows, watches them, looks around, changes their mind, loses the network. */
export async function workflowsLife(user: User): Promise<void> {
  const { quick, model, long } = user.who.workflows;
  const follow = async (workflow: string) => {
    const run = await user.start(workflow, Math.random() < IMPATIENT);
    await user.end(run, Math.max(0, user.who.leaveAt - Date.now()) + user.who.graceMs);
  };
  const changeMind = async () => {
    const run = await user.start(long, false);
    await wait(500 + Math.random() * 1_500);
    await user.api.cancel(run.runId);
    await user.end(run, user.who.graceMs);
  };
  const look = async () => {
    const { items } = await user.api.listRuns({ limit: 20 });
    const [newest] = items;
    if (newest !== undefined) await user.api.getRun(newest.id);
    await user.api.status();
  };
  while (await think(user)) {
    const action = oneOf([
      [55, () => follow(quick)],
      [15, () => follow(model)],
      [10, changeMind],
      [15, look],
      [5, async () => user.breakSocket()],
    ]);
    await shrug(action());
  }
}
