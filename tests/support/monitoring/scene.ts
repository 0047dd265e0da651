import type { Step } from '../../../shared/workflow/definition.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import type { Stage } from '../cluster/stage.ts';
import { until } from '../until.ts';
import type { PrometheusClient } from './prometheus-client.ts';

/** A stage that a Prometheus watches: what is waited for is what Prometheus has seen, not what the cluster knows. */
export class Scene {
  constructor(
    readonly stage: Stage,
    readonly prometheus: PrometheusClient,
  ) {}

  /** Stored, as soon as Postgres is trusted; resolves to its id. `name` is what dashboards show. */
  async workflow(name: string, step: Step): Promise<string> {
    return until(() => this.stage.workflow(name, step), { timeoutMs: 30_000, what: `the workflow ${name}` });
  }

  /** Accepted, by whichever replica has room; resolves to the run's id. */
  async start(user: string, workflow_id: string): Promise<string> {
    return until(
      async () => {
        const { status, body } = await this.stage.person(user).start({ workflow_id });
        if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`);
        return body.run_id;
      },
      { timeoutMs: 30_000, what: 'a start to be accepted' },
    );
  }

  async ended(...runIds: string[]): Promise<void> {
    const open = async () => (await this.stage.record.runs(runIds)).filter(({ status }) => !isFinal(status));
    await until(async () => (await open()).length === 0, { timeoutMs: 40_000, what: 'runs to end' });
  }

  /** Waits until the first value of `query` is as wanted; NaN: there is none. */
  async seen(query: string, wanted: (value: number) => boolean | Promise<boolean>): Promise<void> {
    await until(async () => wanted((await this.prometheus.instant(query))[0]?.values[0]?.value ?? Number.NaN), {
      timeoutMs: 30_000,
      what: query,
    });
  }

  /** A scrape of every replica from now on. */
  async scraped(): Promise<void> {
    const now = Date.now() / 1_000;
    await this.seen('min(timestamp(up{job="weir"}))', (at) => at > now + 1);
  }
}
