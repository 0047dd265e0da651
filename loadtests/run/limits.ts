import { writeFileSync } from 'node:fs';
import type { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { wait } from '../../shared/protocol/client/wait.ts';
import type { Limits } from '../../shared/protocol/http.ts';

/** How long it is tried to put limits back (ms). */
const PUT_BACK_MS = 15_000;

/** Room for so many people that nobody waits because of the limit; scenarios about limits set their own. */
export function limitsFor(users: number): Partial<Limits> {
  return {
    // Below 80 % starts are not queued.
    max_users: Math.max(25, Math.ceil(users * 1.4)),
    max_workflows: Math.max(10, Math.ceil(users / 4)),
    queue_max: 100_000,
    queue_max_per_user: 20,
  };
}

/**
 * Sets limits for the time of a run; the answer puts back what was before. That is also written to `file`: a run that is killed cannot put back
 * anything, but somebody can.
 */
export async function borrowLimits(
  admin: ApiClient,
  limits: Partial<Limits>,
  file: string,
): Promise<() => Promise<void>> {
  const { limits: before } = await admin.capacity();
  writeFileSync(file, `${JSON.stringify(before, null, 2)}\n`);
  const names = Object.keys(limits) as Array<keyof Limits>;
  await admin.patchCapacity(limits);
  return () => putBack(admin, Object.fromEntries(names.map((name) => [name, before[name]])), file);
}

/** A cluster that has just been overloaded gets some time; if it does not answer, the report is still worth having. */
async function putBack(admin: ApiClient, limits: Partial<Limits>, file: string): Promise<void> {
  for (const end = Date.now() + PUT_BACK_MS; ; ) {
    try {
      await admin.patchCapacity(limits);
      return;
    } catch (error) {
      if (Date.now() > end) {
        console.error(`The limits of before could not be put back (${String(error)}); they are in ${file}.`);
        return;
      }
      await wait(500);
    }
  }
}
