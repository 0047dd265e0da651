import pg from 'pg';

/** To be let in (ms); a statement itself may take as long as it takes. */
const PATIENCE_MS = 10_000;

/** Asks a server on a connection of its own, one statement after the other; resolves to the rows of the last one. */
export async function postgresCommand<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  ...statements: readonly string[]
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  // The server may be killed meanwhile; the statement under way says so.
  client.on('error', () => {});
  try {
    await client.connect();
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
