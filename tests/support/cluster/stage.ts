import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import type { ClusterReplica, LocalCluster } from '../../../services/local/local-cluster.ts';
import type { CapacityAnswer } from '../../../shared/protocol/http.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { startCluster } from '../cluster.ts';
import { recordedLog } from '../recorded-log.ts';
import { until } from '../until.ts';
import { Person } from './person.ts';
import { RunRecord } from './run-record.ts';
import { SlotWatch } from './slot-watch.ts';

/** Of every key, unless the settings of the cluster say otherwise. */
export const REDIS_PREFIX = 'weir:v1';

/** A cluster of real processes with everything a test needs around it: people, the record in Postgres, the state in Redis. */
export class Stage {
  readonly admin: Person;
  private readonly people = new Map<string, Person>();

  private constructor(
    readonly cluster: LocalCluster,
    readonly record: RunRecord,
    readonly store: RedisStore,
  ) {
    this.admin = new Person(cluster, 'root', 'admin');
  }

  static async open(options: Parameters<typeof startCluster>[0] = {}): Promise<Stage> {
    const cluster = await startCluster(options);
    const store = createRedisStore({ url: cluster.redis.url, prefix: REDIS_PREFIX, log: recordedLog() });
    await store.connections.ready();
    const stage = new Stage(cluster, new RunRecord(cluster.databaseUrl), store);
    await until(async () => (await stage.capacity()).leader !== null, { timeoutMs: 45_000, what: 'a leader' });
    return stage;
  }

  /** The n-th replica, from 1; beyond the last one the first comes again. */
  replica(n: number): ClusterReplica {
    const { replicas } = this.cluster;
    const replica = replicas[(n - 1) % replicas.length];
    if (replica === undefined) throw new Error('a cluster without replicas');
    return replica;
  }

  person(id: string): Person {
    const known = this.people.get(id) ?? new Person(this.cluster, id, 'user');
    this.people.set(id, known);
    return known;
  }

  /** Stores a workflow; resolves to its id. */
  async workflow(name: string, ...steps: Step[]): Promise<string> {
    return (await this.admin.api().createWorkflow({ name, steps })).id;
  }

  /** Cancels what has not ended, and waits until no run holds a slot: the next test finds every place free. */
  async endRuns(): Promise<void> {
    // One that ends by itself meanwhile cannot be cancelled.
    await Promise.all(
      (await this.record.open()).map((id) =>
        this.admin
          .api()
          .cancel(id)
          .catch(() => undefined),
      ),
    );
    const free = async () => {
      const state = await this.store.cluster.read();
      return state.kind === 'state' && state.slotsHeld === 0 && (await this.record.open()).length === 0;
    };
    await until(free, { timeoutMs: 30_000, what: 'all runs to end and their slots to be free' });
  }

  capacity(at?: ClusterReplica): Promise<CapacityAnswer> {
    return this.admin.api(at).capacity();
  }

  /** The replica that leads. */
  async leader(): Promise<ClusterReplica> {
    return until(
      async () => {
        const state = await this.store.cluster.read();
        const id = state.kind === 'state' ? state.leader?.replica : undefined;
        return this.cluster.replicas.find((replica) => replica.id === id && replica.pid !== null);
      },
      { timeoutMs: 15_000, what: 'a leader' },
    );
  }

  watchSlots(): SlotWatch {
    return new SlotWatch(this.store, this.record);
  }

  async close(): Promise<void> {
    await Promise.all([this.admin, ...this.people.values()].map((person) => person.close()));
    await this.store.close();
    await this.record.close();
    await this.cluster.close();
  }
}

/** A step that waits for so many seconds. */
export function delayStep(name: string, duration: number): Step {
  return { name, type: 'delay', config: { duration } };
}
