import pg from 'pg';
import type { Database } from '../../../db/database.ts';
import type { Claimed, ClaimItem } from '../../../db/repositories/runs-claiming.ts';
import type { NewRun } from '../../../db/repositories/runs-insertion.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { newRun } from '../new-run.ts';
import { testDatabase } from '../postgres.ts';
import { until } from '../until.ts';
import { openDatabase } from './open-database.ts';

const STEPS: Step[] = [
  { name: 'first', type: 'delay', config: { duration: 0 } },
  { name: 'second', type: 'delay', config: { duration: 0 } },
];

/** A fresh database with one workflow in it, and what the tests of the repositories say about it all the time. */
export class DatabaseRig {
  private readonly opened: Database[] = [];
  private grants = 0;

  private constructor(
    readonly url: string,
    readonly db: Database,
    readonly workflowId: string,
    /** Plain SQL beside the repositories, on one connection. */
    readonly sql: pg.Client,
    private readonly observer: pg.Client,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<DatabaseRig> {
    const database = await testDatabase({ migrated: true });
    const db = openDatabase(database.url);
    const workflow = await db.workflows.create({ name: 'two steps', steps: STEPS, createdBy: 'someone' });
    const [sql, observer] = await Promise.all([connect(database.url), connect(database.url)]);
    return new DatabaseRig(database.url, db, workflow.id, sql, observer, database.close);
  }

  /** What another replica has: the same tables through connections of its own. */
  another(): Database {
    const db = openDatabase(this.url);
    this.opened.push(db);
    return db;
  }

  newRun(changes: Partial<NewRun> = {}): NewRun {
    const known = { workflowName: 'two steps', stepCount: STEPS.length, payload: { topic: 'weirs' } };
    return newRun(this.workflowId, { ...known, ...changes });
  }

  /** Ids of that many queued runs, in order. */
  async queued(count: number, changes: Partial<NewRun> = {}): Promise<string[]> {
    const items = Array.from({ length: count }, () => this.newRun(changes));
    await this.db.runs.insertBatch(items);
    return items.map((item) => item.id);
  }

  async oneQueued(changes: Partial<NewRun> = {}): Promise<string> {
    const [id] = await this.queued(1, changes);
    return id as string;
  }

  grant(runId: string, worker = 'worker-1'): ClaimItem {
    this.grants += 1;
    return { runId, worker, grantNo: this.grants, grantedAt: Date.now() };
  }

  async claim(runId: string, db: Database = this.db): Promise<Claimed> {
    const [claimed] = await db.runs.claim([this.grant(runId)]);
    return claimed as Claimed;
  }

  checkpoint(runId: string, attempt: number, index: number, output: unknown = { step: index }): Promise<boolean> {
    const name = STEPS[index]?.name ?? `step ${index}`;
    return this.db.runs.checkpoint({
      runId,
      attempt,
      index,
      name,
      type: 'delay',
      output,
      usage: null,
      startedAt: new Date(),
    });
  }

  /** Statements that wait for a lock in this database. */
  async lockWaits(): Promise<number> {
    const { rows } = await this.observer.query(
      `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0].count;
  }

  /** Rows of `runs` that `work` made Postgres read, by index or not. */
  async rowsRead(work: (db: Database) => Promise<unknown>): Promise<number> {
    const before = await this.readCounter();
    const others = await this.sessions();
    const db = openDatabase(this.url);
    await work(db);
    await db.close();
    // A session tells the statistics what it has read at the latest when it ends.
    const ended = async () => (await this.sessions()).every((pid) => others.includes(pid));
    await until(ended, { timeoutMs: 5_000, what: 'the sessions of the measured work to end' });
    return (await this.readCounter()) - before;
  }

  private async readCounter(): Promise<number> {
    const { rows } = await this.observer.query(
      `SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS count FROM pg_stat_user_tables WHERE relname = 'runs'`,
    );
    return Number(rows[0].count);
  }

  private async sessions(): Promise<number[]> {
    const { rows } = await this.observer.query('SELECT pid FROM pg_stat_activity WHERE datname = current_database()');
    return rows.map((row) => row.pid);
  }

  async close(): Promise<void> {
    await this.sql.end();
    await this.observer.end();
    for (const db of [this.db, ...this.opened]) await db.close();
    await this.drop();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
