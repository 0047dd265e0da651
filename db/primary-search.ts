import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { databaseServers } from '../shared/config/database-url.ts';

export interface Server {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** A server that takes writes, of which database, and on which timeline of it: every promotion begins a new one. */
interface Found {
  server: Server;
  database: string;
  timeline: number;
}

/** For one server to let us in, and to say what it is (ms): enough for one on another continent. */
export const CONNECT_TIMEOUT_MS = 2_000;
/** How long the others may take when one has said that it takes writes (ms): a server that was promoted after it may be among them. */
const OTHERS_MS = 150;
const DEFAULT_PORT = 5432;

/**
 * Of several servers the one that takes writes. It is remembered until there is reason to doubt; then all are asked at once, so that one
 * that vanished without a word costs nothing. If two take writes, one is an old primary that nobody told of the promotion: the one on the
 * newer timeline counts, and no older one ever again. With one server nobody is asked.
 */
export class PrimarySearch {
  /** Whether a server must be asked if it takes writes. */
  readonly mustTakeWrites: boolean;
  /** Everything about a connection but which server it goes to: name, password, TLS, database. */
  readonly anyUrl: string;
  private readonly servers: readonly Server[];
  private isKnown = false;
  private last: Found | undefined;
  private looking: Promise<Server> | undefined;

  /** `url` as in WEIR_DATABASE_URL. */
  constructor(
    url: string,
    private readonly onChange: (to: Server) => void = () => {},
  ) {
    const { urls, mustTakeWrites } = databaseServers(url);
    this.mustTakeWrites = mustTakeWrites;
    this.anyUrl = urls[0];
    this.servers = urls.map(serverAt);
  }

  /** Rejects after some seconds at most, with what each of them said, when none takes writes. */
  async find(): Promise<Server> {
    const [only, another] = this.servers;
    if (only !== undefined && another === undefined) return only;
    if (this.isKnown && this.last !== undefined) return this.last.server;
    this.looking ??= this.lookEverywhere().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** A connection broke, hangs or takes no writes: before the next one is made, all are asked again. */
  doubt(): void {
    this.isKnown = false;
  }

  /** Whether a connection goes to a server that has been replaced by another one. */
  isLeft({ host, port }: Pick<Server, 'host' | 'port'>): boolean {
    if (this.last === undefined) return false;
    const { server } = this.last;
    return host !== server.host || port !== server.port;
  }

  private async lookEverywhere(): Promise<Server> {
    const found: Array<Found | undefined> = [];
    const refusals: string[] = [];
    let tellFirst = () => {};
    const first = new Promise<void>((resolve) => {
      tellFirst = resolve;
    });
    const looks = this.servers.map(async (server, index) => {
      try {
        const seen = { server, ...(await lookAt(server.url)) };
        if (this.last !== undefined && isOlder(seen, this.last)) throw new Error('was replaced by a promoted standby');
        found[index] = seen;
        tellFirst();
      } catch (error) {
        refusals[index] = `${server.host}:${server.port}: ${error instanceof Error ? error.message : error}`;
      }
    });
    await Promise.race([Promise.all(looks), first.then(() => sleep(OTHERS_MS))]);
    let newest: Found | undefined;
    for (const each of found) if (each !== undefined && (newest === undefined || isOlder(newest, each))) newest = each;
    if (newest === undefined) throw new Error(`No server takes writes. ${refusals.filter(Boolean).join('; ')}`);
    const before = this.last;
    this.last = newest;
    this.isKnown = true;
    if (before !== undefined && before.server !== newest.server) this.onChange(newest.server);
    return newest.server;
  }
}

function isOlder(one: Found, other: Found): boolean {
  return one.database === other.database && one.timeline < other.timeline;
}

/** Name and port as the driver reads them. */
function serverAt(url: string): Server {
  const { host, port } = new pg.Client({ connectionString: url });
  return { url, host, port: port || DEFAULT_PORT };
}

/** Rejects when the server takes no writes. */
async function lookAt(url: string): Promise<Omit<Found, 'server'>> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'weir-search',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Omit<Found, 'server'> & { writable: boolean }>(LOOK);
    const [row] = rows;
    if (row?.writable !== true) throw new Error('takes no writes');
    return { database: row.database, timeline: row.timeline };
  } finally {
    // A frozen server would never say goodbye.
    void client.end();
  }
}

/**
 * A standby and a server that an operator made read-only take no writes. The first eight digits of a file of the log are the timeline; the
 * control file would tell it only after the next checkpoint.
 */
const LOOK = `
  SELECT current_setting('transaction_read_only') = 'off' AS writable,
         (SELECT system_identifier::text FROM pg_control_system()) AS database,
         CASE WHEN pg_is_in_recovery() THEN 0
              ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END AS timeline`;
