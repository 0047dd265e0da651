import type { ClusterServer } from '../../../services/local/local-cluster.ts';
import { until } from '../until.ts';

export interface RaisedAlert {
  /** Pending: its condition holds, not yet for as long as the rule asks. */
  state: 'pending' | 'firing';
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * What these look at is the speed of the machine, which tests share with others, and its disk. Their rules are held by promtool's tests.
 */
const OF_THE_MACHINE =
  /^(Machine|Disk|ReplicaCpu|ReplicaMemory|EventLoop|Latency|StartsSlow|RedisSlow|ErrorBudget|RunsRescuedOften|TargetDown)/;

/** The alerts of a Prometheus, as its page of alerts has them; without those about the speed of the machine. */
export class RaisedAlerts {
  constructor(private readonly prometheus: Pick<ClusterServer, 'url'>) {}

  async now(): Promise<RaisedAlert[]> {
    const answer = await fetch(`${this.prometheus.url}/api/v1/alerts`);
    const { data } = (await answer.json()) as { data: { alerts: RaisedAlert[] } };
    return data.alerts.filter(({ labels }) => !OF_THE_MACHINE.test(labels.alertname ?? ''));
  }

  async names(): Promise<string[]> {
    return [...new Set((await this.now()).map(({ labels }) => labels.alertname ?? ''))].sort();
  }

  /** Waits until all of these are pending or firing at once; meanwhile repeats `act`. */
  async raised(names: readonly string[], act: () => Promise<unknown> = async () => undefined): Promise<void> {
    let missing = [...names];
    await until(
      async () => {
        await act();
        const present = await this.names();
        missing = names.filter((name) => !present.includes(name));
        return missing.length === 0;
      },
      { timeoutMs: 40_000, what: `${names.join(', ')} to be raised` },
    ).catch((error: unknown) => {
      throw new Error(`not raised: ${missing.join(', ')}`, { cause: error });
    });
  }

  /** Waits until none of these is raised any more. */
  async over(...names: string[]): Promise<void> {
    await until(async () => !(await this.names()).some((name) => names.includes(name)), {
      timeoutMs: 60_000,
      what: `${names.join(', ')} to be over`,
    });
  }
}
