import { setTimeout as delay } from 'node:timers/promises';
import type { Door, Person } from '../support/cluster/person.ts';
import { until } from '../support/until.ts';

/** Longest way of a small run from start to end (ms), on a machine that is busy with an attack. */
const RUN_WITHIN_MS = 15_000;
const PAUSE_MS = 100;

/** Somebody who does nothing wrong, and whose runs go through whatever others do. */
export class Bystander {
  readonly failures: string[] = [];
  runs = 0;
  private going = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly person: Person,
    private readonly workflowId: string,
    private readonly doors: readonly Door[],
  ) {
    this.done = this.live();
  }

  /** Ends with the run that is under way. */
  async leave(): Promise<void> {
    this.going = false;
    await this.done;
  }

  private async live(): Promise<void> {
    for (let n = 0; this.going; n++) {
      const door = this.doors[n % this.doors.length];
      await oneRun(this.person, this.workflowId, door).then(
        () => {
          this.runs++;
        },
        (error: unknown) => this.failures.push(`at ${door?.url}: ${error}`),
      );
      await delay(PAUSE_MS);
    }
  }
}

/** A start, and the wait until it has succeeded. Rejects when either does not come. */
export async function oneRun(person: Person, workflowId: string, door?: Door): Promise<void> {
  const { status, body } = await person.start({ workflow_id: workflowId }, { at: door });
  if (status !== 202) throw new Error(`a start was answered with ${status} ${body.code}`);
  await until(async () => (await person.api(door).getRun(body.run_id)).status === 'succeeded', {
    timeoutMs: RUN_WITHIN_MS,
    what: `the run ${body.run_id} to succeed`,
  });
}
