import { delayStep, type Stage } from '../../support/cluster/stage.ts';
import { until } from '../../support/until.ts';

const BATCH = 40;
const LOOK_EVERY_MS = 300;
/** Below so many waiting runs more are sent. */
const FEW = 120;

/** Settings for a queue that is fed. */
export const FED = { WEIR_MAX_WORKFLOWS: '10', WEIR_QUEUE_MAX: '100000', WEIR_QUEUE_MAX_PER_USER: '100000' };

/** Keeps so many short runs waiting that a free slot is always wanted, whatever is broken. */
export class Feeder {
  private readonly ending = new AbortController();
  private feeding: Promise<void> = Promise.resolve();

  private constructor(
    private readonly stage: Stage,
    private readonly workflowId: string,
  ) {}

  static async start(stage: Stage): Promise<Feeder> {
    const feeder = new Feeder(stage, await stage.workflow('short', delayStep('wait', 0.5)));
    feeder.feeding = feeder.feed();
    await until(async () => (await feeder.waiting()) >= FEW, { timeoutMs: 30_000, what: 'a queue' });
    return feeder;
  }

  /** When the first slot was granted after `at` (Unix ms), by the clock of the machine; waits for it. */
  async firstStartAfter(at: number, timeoutMs = 60_000): Promise<number> {
    return until(
      async () => {
        const [row] = await this.stage.record.query<{ first: number | null }>(
          `SELECT (extract(epoch FROM min(granted_at)) * 1000)::float8 AS first FROM runs WHERE granted_at > to_timestamp($1)`,
          [at / 1_000],
        );
        return row?.first ?? null;
      },
      { timeoutMs, what: 'the next start' },
    );
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.feeding;
  }

  private async feed(): Promise<void> {
    const { stage, ending, workflowId } = this;
    const person = stage.person('feeder');
    while (!ending.signal.aborted) {
      const waiting = await this.waiting().catch(() => FEW);
      // What is refused meanwhile is sent again by the next look.
      const starts =
        waiting >= FEW ? [] : Array.from({ length: BATCH }, () => person.start({ workflow_id: workflowId }));
      await Promise.allSettled(starts);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async waiting(): Promise<number> {
    const [row] = await this.stage.record.query<{ count: number }>(
      `SELECT count(*)::float8 AS count FROM runs WHERE status = 'queued'`,
    );
    return row?.count ?? 0;
  }
}

/** Resolves when all replicas are ready and one leads. */
export async function whole(stage: Stage): Promise<void> {
  for (const replica of stage.cluster.replicas) {
    await until(async () => (await fetch(`${replica.url}/ready`)).ok, {
      timeoutMs: 60_000,
      what: `${replica.id} to be ready`,
    });
  }
  await stage.leader();
}
