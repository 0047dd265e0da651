import pg from 'pg';
import { createPool } from '../../../db/pool.ts';
import { Postgres } from '../../../db/postgres.ts';
import { PrimarySearch } from '../../../db/primary-search.ts';
import type { Statement } from '../../../db/statement.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { createBreaker } from '../../../shared/resilience/breaker.ts';

/** What was planned for one call of a statement. */
export interface Explained {
  statement: string;
  /** Text of EXPLAIN, with the plan for these values and with the one that a prepared statement may keep for all values. */
  custom: string;
  generic: string;
}

const MODES = { custom: 'force_custom_plan', generic: 'force_generic_plan' } as const;
/** The last one is kept: what it reads is in the cache, as it is in a busy cluster. */
const EXECUTIONS = 3;
/** Nothing here is to be given up (ms). */
const NEVER_MS = 300_000;

/**
 * Postgres as the repositories know it. Each statement they send is first explained as they send it, prepared, in a transaction that is
 * rolled back, and then executed; so there is no copy of the SQL that could grow old.
 */
export class ExplainingPostgres extends Postgres {
  private explained: Explained[] = [];

  private constructor(
    private readonly sql: pg.Client,
    deps: ConstructorParameters<typeof Postgres>[0],
    readonly close: () => Promise<void>,
  ) {
    super(deps);
  }

  static async open(url: string): Promise<ExplainingPostgres> {
    const { postgres: metrics } = createMetrics();
    const log = createLogger({ level: 'error', fields: {} });
    const primary = new PrimarySearch(url);
    const pool = createPool({ primary, size: 4, log, metrics });
    const breaker = createBreaker({
      name: 'postgres',
      failuresToOpen: 2,
      openMs: 1_000,
      timeoutMs: NEVER_MS,
      isFailure: () => false,
      onChange: () => {},
    });
    const sql = new pg.Client({ connectionString: url });
    await sql.connect();
    return new ExplainingPostgres(sql, { pool, primary, breaker, metrics }, async () => {
      breaker.dispose();
      await Promise.all([pool.end(), sql.end()]);
    });
  }

  /** What was explained since the last call. */
  take(): Explained[] {
    const { explained } = this;
    this.explained = [];
    return explained;
  }

  override async run<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const custom = await this.explain(statement, values, MODES.custom);
    const generic = await this.explain(statement, values, MODES.generic);
    this.explained.push({ statement: statement.name, custom, generic });
    return super.run<Row>(statement, values, { timeoutMs: NEVER_MS });
  }

  private async explain(statement: Statement, values: readonly unknown[], mode: string): Promise<string> {
    const literals = values.map(literal).join(', ');
    await this.sql.query('BEGIN');
    try {
      await this.sql.query(`SET LOCAL plan_cache_mode = ${mode}`);
      await this.sql.query(`PREPARE explained AS ${statement.text}`);
      let text = '';
      for (let execution = 0; execution < EXECUTIONS; execution++) {
        await this.sql.query('SAVEPOINT before');
        const { rows } = await this.sql.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) EXECUTE explained${values.length === 0 ? '' : `(${literals})`}`,
        );
        text = rows.map((row) => row['QUERY PLAN']).join('\n');
        await this.sql.query('ROLLBACK TO before');
      }
      return text;
    } finally {
      await this.sql.query('ROLLBACK');
      await this.sql.query('DEALLOCATE ALL');
    }
  }
}

/** As the driver would send it: everything but null is text, whose type the statement says. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'object') throw new TypeError('a value that the driver would have to serialise');
  return pg.escapeLiteral(String(value));
}
