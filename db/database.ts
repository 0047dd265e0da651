import type { Settings } from '../shared/config/load.ts';
import type { Logger } from '../shared/observability/logger.ts';
import type { Metrics } from '../shared/observability/metrics.ts';
import { createBreaker } from '../shared/resilience/breaker.ts';
import { HeldConnections } from './held-connections.ts';
import { patiently } from './patiently.ts';
import { closeIdleToLeft, createPool } from './pool.ts';
import { Postgres, REQUEST_TIMEOUT_MS } from './postgres.ts';
import { PrimarySearch } from './primary-search.ts';
import { ChatMessages } from './repositories/chat-messages.ts';
import { ChatParticipants } from './repositories/chat-participants.ts';
import { FeatureEvents } from './repositories/feature-events.ts';
import { IncidentKeeping } from './repositories/incident-keeping.ts';
import { Incidents } from './repositories/incidents.ts';
import { LeaderEpochs } from './repositories/leader-epochs.ts';
import { createRuns, type Runs } from './repositories/runs.ts';
import type { RunsChanged } from './repositories/runs-changed.ts';
import { Samples } from './repositories/samples.ts';
import { ClusterSettings } from './repositories/settings.ts';
import { Workflows } from './repositories/workflows.ts';
import { isUnavailable } from './sql-failure.ts';
import type { Statement } from './statement.ts';
import { WaitingLine } from './waiting-line.ts';

/**
 * The durable record. Every call rejects with `storage_unavailable` when Postgres is down, hangs or is known to; a change that may have
 * happened all the same with `outcome_unknown`.
 */
export interface Database {
  readonly runs: Runs;
  readonly workflows: Workflows;
  readonly settings: ClusterSettings;
  readonly epochs: LeaderEpochs;
  readonly messages: ChatMessages;
  readonly participants: ChatParticipants;
  readonly featureEvents: FeatureEvents;
  readonly incidents: Incidents;
  readonly incidentKeeping: IncidentKeeping;
  readonly samples: Samples;
  /** Resolves when Postgres answers; rejects within a second when it does not. */
  ping(): Promise<void>;
  /** Repeats `work`, which must be repeatable, while Postgres is unavailable, until `signal` aborts. */
  patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Waits for statements under way, then closes the connections. Safe twice. */
  close(): Promise<void>;
}

/** See WEIR_DATABASE_WAIT_SECONDS in shared/config. */
const WAIT_SECONDS = 1.5;
/** Two failures in a row: with two batches on their way at once, everybody behind them hears "unavailable" within the first timeout. */
const FAILURES_TO_OPEN = 2;
/** One statement a second asks whether Postgres is back. */
const OPEN_MS = 1_000;

const PING: Statement = { name: 'ping', text: 'SELECT 1' };

export function createDatabase(
  settings: Pick<Settings, 'WEIR_DATABASE_URL' | 'WEIR_DATABASE_POOL_SIZE'> &
    Partial<Pick<Settings, 'WEIR_DATABASE_WAIT_SECONDS'>>,
  metrics: Metrics,
  log: Logger,
  { onRunsChanged }: { onRunsChanged?: RunsChanged } = {},
): Database {
  const size = settings.WEIR_DATABASE_POOL_SIZE;
  const line = new WaitingLine(size, (settings.WEIR_DATABASE_WAIT_SECONDS ?? WAIT_SECONDS) * 1_000);
  const primary = new PrimarySearch(settings.WEIR_DATABASE_URL, ({ host, port }) => {
    log.warn('another database server takes writes now', { host, port });
    closeIdleToLeft(pool, primary);
  });
  const pool = createPool({
    primary,
    size,
    log,
    metrics: metrics.postgres,
    inLine: () => line.waiting,
  });
  const breaker = createBreaker({
    name: 'postgres',
    failuresToOpen: FAILURES_TO_OPEN,
    openMs: OPEN_MS,
    timeoutMs: REQUEST_TIMEOUT_MS,
    isFailure: isUnavailable,
    onChange: (state) => {
      metrics.postgres.breaker.set(state === 'closed' ? 0 : 1);
      log.warn('postgres breaker', { state });
    },
  });
  const held = new HeldConnections({ log });
  const postgres = new Postgres({ pool, primary, breaker, line, held, metrics: metrics.postgres });
  let closed: Promise<void> | undefined;
  return {
    runs: createRuns(postgres, onRunsChanged),
    workflows: new Workflows(postgres),
    settings: new ClusterSettings(postgres),
    epochs: new LeaderEpochs(postgres),
    messages: new ChatMessages(postgres),
    participants: new ChatParticipants(postgres),
    featureEvents: new FeatureEvents(postgres),
    incidents: new Incidents(postgres),
    incidentKeeping: new IncidentKeeping(postgres),
    samples: new Samples(postgres),
    ping: async () => void (await postgres.run(PING, [], { timeoutMs: REQUEST_TIMEOUT_MS })),
    patiently,
    close() {
      breaker.dispose();
      held.stop();
      closed ??= pool.end();
      return closed;
    },
  };
}
