/**
 * What Postgres does for each statement of the hot paths with a million runs in the table: plans, pages and times by EXPLAIN (ANALYZE, BUFFERS),
 * of the very statements the repositories send (explain/explaining-postgres.ts), with the plan for the values of the call and with the one that a
 * prepared statement may keep; and pages of lists at any depth. Prints Markdown. Fails if one of them reads a large table from end to end.
 *
 * `node --import tsx loadtests/bench/explain.ts [runs]`
 */
import pg from 'pg';
import { runReading } from '../../db/repositories/runs-reading.ts';
import { withServers } from './bench-servers.ts';
import { type Explained, ExplainingPostgres } from './explain/explaining-postgres.ts';
import { BUSY_USER, fill } from './explain/fill.ts';
import { callAll } from './explain/hot-statements.ts';
import { essenceOf } from './explain/plan.ts';

const [RUNS = 1_000_000] = process.argv.slice(2).map(Number);
const DEPTHS = [1, 100, 10_000];
const PAGE = 20;
const LARGE = ['runs', 'run_steps', 'chats', 'run_participants', 'messages'];
const faults: string[] = [];

function line({ statement, custom, generic }: Explained, ...before: string[]): string {
  const [own, kept] = [essenceOf(custom), essenceOf(generic)];
  const scans = (names: string[]) => names.map((name) => `\`${name}\``).join(', ') || 'reads no table';
  const same = own.scans.join() === kept.scans.join();
  for (const plan of [own, kept])
    for (const table of plan.wholeTables) if (LARGE.includes(table)) faults.push(`${statement} reads all of ${table}`);
  const cells = [
    `\`${statement}\``,
    ...before,
    same ? scans(own.scans) : `${scans(own.scans)}; kept plan: ${scans(kept.scans)}`,
    own.rows,
    own.buffers,
    own.ms.toFixed(2),
    kept.ms.toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Where page number `page` of a list begins. */
async function beforeOf(sql: pg.Client, userId: string | null, page: number): Promise<{ before?: number }> {
  if (page === 1) return {};
  const { rows } = await sql.query<{ seq: string }>(
    'SELECT seq FROM runs WHERE $1::text IS NULL OR user_id = $1 ORDER BY seq DESC OFFSET $2 LIMIT 1',
    [userId, (page - 1) * PAGE - 1],
  );
  return { before: Number(rows[0]?.seq) };
}

await withServers(async ({ postgres: { url } }) => {
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const postgres = await ExplainingPostgres.open(url);
  try {
    const begun = performance.now();
    await fill(sql, RUNS);
    const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
    const { rows } = await sql.query<{ version: string; buffers: string; table: string; all: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('shared_buffers') AS buffers,
         pg_size_pretty(pg_relation_size('runs')) AS table, pg_size_pretty(pg_database_size(current_database())) AS all`,
    );
    const about = rows[0];
    console.log(
      `${RUNS.toLocaleString('en')} runs (${about?.table}, database ${about?.all}), filled in ${seconds} s; Postgres ${about?.version},`,
    );
    console.log(
      `shared_buffers ${about?.buffers}. Plan for the values of the call, and the one a prepared statement may keep.\n`,
    );

    await callAll(postgres, sql);
    const explained = postgres.take();
    console.log('| statement | reads by | rows | pages | ms | ms, kept plan |\n|---|---|---|---|---|---|');
    for (const plan of explained) console.log(line(plan));

    const reading = runReading(postgres);
    console.log('\n| list | page | reads by | rows | pages | ms | ms, kept plan |\n|---|---|---|---|---|---|---|');
    for (const userId of [BUSY_USER, null])
      for (const page of DEPTHS.filter((depth) => depth * PAGE < RUNS / 4)) {
        await reading.list({ userId, limit: PAGE, ...(await beforeOf(sql, userId, page)) });
        for (const plan of postgres.take()) console.log(line(plan, page.toLocaleString('en')));
      }
    console.log('\n<details><summary>All plans</summary>\n');
    for (const { statement, custom } of explained) console.log(`\`${statement}\`\n\n\`\`\`\n${custom}\n\`\`\`\n`);
    console.log('</details>');
  } finally {
    await postgres.close();
    await sql.end();
  }
});
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
