import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../progress.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { NginxPart } from './nginx-part.ts';
import { answers } from './node-program.ts';
import type { Part } from './part.ts';
import { type ClusterPlan, replicaName } from './plan.ts';
import { PostgresPair } from './postgres-pair.ts';
import { replicaPart } from './replica-part.ts';
import { databaseUrl, postgresPart, redisPart } from './server-parts.ts';
import { simulatorPart } from './simulator-part.ts';

/** Reconnecting after a restart of Redis or Postgres takes seconds. */
const READY_TIMEOUT_MS = 30_000;

/**
 * The parts of one local cluster and the order in which they come and go. Every method may be called at any state: what runs is kept, what is
 * dead is started.
 */
export class Cluster {
  /** Postgres, Redis, the simulator: those of them that the settings do not replace by others. */
  readonly backing: readonly Part[];
  /** null: Postgres is one server, or somebody else's. */
  readonly pair: PostgresPair | null;
  readonly nginx: NginxPart;
  readonly monitoring: Monitoring;
  private readonly replicas = new Map<string, Part>();
  private names: string[];

  constructor(
    private readonly plan: ClusterPlan,
    replicaCount: number,
  ) {
    const { settings } = plan;
    this.pair = plan.standby && !settings.WEIR_DATABASE_URL ? new PostgresPair(plan) : null;
    this.backing = [
      ...(settings.WEIR_DATABASE_URL ? [] : (this.pair?.parts ?? [postgresPart(plan)])),
      ...(settings.WEIR_REDIS_URL ? [] : [redisPart(plan)]),
      ...(settings.WEIR_LLM_PRIMARY_BASE_URL ? [] : [simulatorPart(plan)]),
    ];
    this.names = Array.from({ length: replicaCount }, (_, index) => replicaName(index + 1));
    this.nginx = new NginxPart(plan, () => this.names);
    this.monitoring = new Monitoring(plan, () => this.names);
  }

  get replicaNames(): readonly string[] {
    return this.names;
  }

  replica(name: string): Part {
    let part = this.replicas.get(name);
    if (part === undefined) {
      part = replicaPart(this.plan, name);
      this.replicas.set(name, part);
    }
    return part;
  }

  addReplicaName(): string {
    const name = replicaName(this.names.length + 1);
    this.names = [...this.names, name];
    return name;
  }

  /** Every part that should run, in the order of starting. */
  parts(): Part[] {
    return [...this.backing, ...this.names.map((name) => this.replica(name)), this.nginx, ...this.monitoring.parts];
  }

  /** Whether any part runs, also those beyond what is wanted. */
  anyRunning(): boolean {
    return [...this.parts(), ...this.surplus()].some((part) => part.running() !== null);
  }

  /** Whether a replica says that it can serve. */
  async isReady(name: string): Promise<boolean> {
    const port = this.plan.ports.known(name);
    return (
      port !== undefined && this.replica(name).running() !== null && (await answers(`http://127.0.0.1:${port}/ready`))
    );
  }

  /** Whether everything runs and every replica is ready, with no replica too many. */
  async isComplete(): Promise<boolean> {
    if (this.surplus().length > 0 || this.parts().some((part) => part.running() === null)) return false;
    return (await Promise.all(this.names.map((name) => this.isReady(name)))).every(Boolean);
  }

  /** Starts what is missing and takes away what is too many. Resolves to the names of the parts that were started. */
  async up(progress: Progress): Promise<string[]> {
    const started: string[] = [];
    const ensure = async (part: Part) => {
      if ((await part.ensure()) === 'started') started.push(part.name);
    };
    const addresses = await this.addresses();
    const backing = this.backing.filter((part) => part.running() === null);
    if (backing.length > 0)
      await progress.step(
        `Starting ${names(backing)}`,
        () => all(backing.map(ensure)),
        () => `${names(backing)} ready`,
      );
    // A stranger took a port meanwhile: replicas and exporters that still run know the old address.
    if ((await this.addresses()) !== addresses)
      await all([...this.names.map((name) => this.replica(name)), ...this.monitoring.parts].map((part) => part.stop()));

    const replicas = this.names.map((name) => this.replica(name)).filter((part) => part.running() === null);
    if (replicas.length > 0) {
      await this.migrate(progress);
      await progress.step(
        `Starting ${names(replicas)}`,
        () => all(replicas.map(ensure)),
        () => `${names(replicas)} ready`,
      );
    }
    await this.untilReady();
    if (this.nginx.running() === null)
      await progress.step(
        'Starting nginx',
        () => ensure(this.nginx),
        () => 'nginx ready',
      );
    else if (await this.nginx.refresh()) progress.say(`  ✓ nginx looks at ${this.names.length} replicas now`);
    await this.monitoring.up(ensure, progress);
    const surplus = this.surplus();
    if (surplus.length > 0)
      await progress.step(
        `Stopping ${names(surplus)}`,
        () => all(surplus.map((part) => part.stop())),
        () => `${names(surplus)} stopped`,
      );
    return started;
  }

  /** Stops everything, replicas before their servers: they tell their sockets, hand back their runs and still need the rest for it. Resolves to what was stopped. */
  async down(progress: Progress): Promise<string[]> {
    const stopped: string[] = [];
    const stop = async (part: Part) => {
      if (await part.stop()) stopped.push(part.name);
    };
    // First, so that nobody is told about an end that was wanted.
    await all([...this.monitoring.parts, ...this.monitoring.surplus()].map(stop));
    const replicas = [...this.names.map((name) => this.replica(name)), ...this.surplusReplicas()];
    const running = replicas.filter((part) => part.running() !== null);
    if (running.length > 0)
      await progress.step(
        `Stopping ${names(running)}`,
        () => all(replicas.map(stop)),
        () => `${names(running)} stopped`,
      );
    else await all(replicas.map(stop));
    for (const part of [this.nginx, ...[...this.backing].reverse()]) await stop(part);
    return stopped;
  }

  /** Brings the tables to the present sources. */
  async migrate(progress: Progress): Promise<void> {
    const { migrateToLatest } = await import('../../../db/migrate.ts');
    await progress.step(
      'Migrating the database',
      async () => migrateToLatest(await databaseUrl(this.plan)),
      (ran) => `Database up to date (${ran.length} migrations run)`,
    );
  }

  /** Replicas that ran already may be frozen, or wait for a server that has just been started again. */
  private async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (const name of this.names) {
      while (!(await this.isReady(name))) {
        if (performance.now() > deadline)
          throw new Error(
            `${name} runs but is not ready; "make logs PART=${name}" may show why, "make down" and "make up" start it anew.`,
          );
        await delay(100);
      }
    }
  }

  private async addresses(): Promise<string> {
    return JSON.stringify(await Promise.all(this.backing.map((part) => this.plan.ports.get(part.name))));
  }

  /** What an earlier `up` started and this one does not want. */
  private surplus(): Part[] {
    return [...this.surplusReplicas(), ...this.monitoring.surplus()];
  }

  /** Those with a pid file beyond the number wanted. */
  private surplusReplicas(): Part[] {
    const files = readdirSync(this.plan.state.runDir).flatMap((file) => /^(replica-\d+)\.json$/.exec(file)?.[1] ?? []);
    return files.filter((name) => !this.names.includes(name)).map((name) => this.replica(name));
  }
}

/** Waits for all, also when one fails, so that nothing goes on behind the caller's back; then throws the first failure. */
async function all(work: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function names(parts: readonly Part[]): string {
  return new Intl.ListFormat('en').format(parts.map((part) => part.name));
}
