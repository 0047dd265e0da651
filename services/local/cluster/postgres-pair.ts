import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { postgresUrl } from '../servers/postgres.ts';
import { postgresCommand } from '../servers/postgres-command.ts';
import type { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';
import { postgresPart } from './server-parts.ts';

const NAMES = ['postgres', 'postgres-2'] as const;
type PostgresName = (typeof NAMES)[number];

/** For the primary to serve, and for a standby to have caught up (ms). */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/**
 * Two Postgres, of which one follows the other: the primary answers a commit when the standby has it on disk too. What a failover manager (Patroni,
 * a cloud) does, `promote` and a start of the standby do.
 */
export class PostgresPair {
  private primaryName: PostgresName = NAMES[0];
  private readonly byName: Record<PostgresName, Part>;

  constructor(private readonly plan: ClusterPlan) {
    const partOf = (name: PostgresName) =>
      postgresPart(plan, { name, prepare: () => this.prepare(name), finish: () => this.finish(name) });
    this.byName = { postgres: partOf('postgres'), 'postgres-2': partOf('postgres-2') };
  }

  get parts(): Part[] {
    return Object.values(this.byName);
  }

  get primary(): Part {
    return this.byName[this.primaryName];
  }

  get standby(): Part {
    return this.byName[this.standbyName];
  }

  /** Of one of its two parts. */
  async url(part: Part): Promise<string> {
    return postgresUrl(await this.plan.ports.get(part.name), this.plan.secrets.postgresPassword);
  }

  /**
   * The standby takes over. The primary must be dead, or at least never come back as it was: its next start makes it a copy of the new one.
   * Until that start there is nobody to wait for, so the new primary does not.
   */
  async promote(): Promise<void> {
    await postgresCommand(
      await this.url(this.standby),
      `ALTER SYSTEM SET synchronous_standby_names = ''`,
      'SELECT pg_reload_conf()',
      'SELECT pg_promote(true, 60)',
    );
    this.primaryName = this.standbyName;
  }

  private get standbyName(): PostgresName {
    return this.primaryName === 'postgres' ? 'postgres-2' : 'postgres';
  }

  /** Before the start of one: whom it follows. A standby that was a primary has a history of its own, which is given up. */
  private async prepare(name: PostgresName): Promise<{ port: number } | null> {
    if (name === this.primaryName) return null;
    await this.untilAnswered(await this.url(this.primary), 'SELECT true AS done');
    const data = `${this.plan.state.part(name)}/data`;
    if (!existsSync(`${data}/standby.signal`)) rmSync(data, { recursive: true, force: true });
    const port = await this.plan.ports.get(this.primaryName);
    return { port: (await this.plan.portSeenBy?.('standby', 'primary', port)) ?? port };
  }

  /** After the start of a standby: from now on nothing is committed without it. */
  private async finish(name: PostgresName): Promise<void> {
    if (name === this.primaryName) return;
    const primary = await this.url(this.primary);
    const isIn = (state: string) =>
      `SELECT true AS done FROM pg_stat_replication WHERE application_name = '${name}' AND ${state}`;
    await this.untilAnswered(primary, isIn(`state = 'streaming'`));
    await postgresCommand(
      primary,
      `ALTER SYSTEM SET synchronous_standby_names = '"${name}"'`,
      'SELECT pg_reload_conf()',
    );
    await this.untilAnswered(primary, isIn(`sync_state = 'sync'`));
  }

  private async untilAnswered(url: string, question: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await postgresCommand(url, question).catch((error: unknown) => error);
      if (Array.isArray(answer) && answer.length > 0) return;
      if (performance.now() > deadline)
        throw new Error(`The primary Postgres does not say: ${question}`, { cause: answer });
      await delay(POLL_MS);
    }
  }
}
