import type { Incidents } from '../../../../db/repositories/incidents.ts';
import type { Incident, SystemStatus, UptimeAnswer } from '../../../../shared/protocol/http.ts';
import type { CapacityView } from '../../admission/capacity-view.ts';
import { FreshValue } from '../../admission/fresh-value.ts';
import type { Features } from '../../features/create-features.ts';
import type { Uptime } from '../../history/uptime.ts';
import { incidentAnswer } from '../../incidents/incident-answer.ts';
import type { IncidentView } from '../../incidents/incident-view.ts';
import type { DependencyCheck } from '../dependency-check.ts';
import { systemStatus } from '../system-status.ts';

export interface StatusBoardDeps {
  view: Pick<CapacityView, 'read'>;
  dependencies: Pick<DependencyCheck, 'read'>;
  /** Model providers as this replica sees them. */
  providers: () => SystemStatus['providers'];
  features: { watch: Pick<Features['watch'], 'disabled'> };
  incidents: { view: Pick<IncidentView, 'open'> };
  stored: Pick<Incidents, 'list'>;
  uptime: Pick<Uptime, 'read'>;
}

/** Everything the status page says. */
export interface Standing {
  status: SystemStatus;
  /** Ended ones of the last two weeks, newest first. */
  past: Incident[];
  /** null: not known. */
  uptime: UptimeAnswer | null;
}

/** Public and polled by everybody in a crisis: a replica asks Redis and Postgres at most this often (ms), however many ask it. */
const STATUS_AGE_MS = 1_000;
const PAST_AGE_MS = 10_000;

const PAST_DAYS_MS = 14 * 86_400_000;
const PAST_AT_MOST = 30;

/** The status of the service, made once for all who ask in the same moment. */
export class StatusBoard {
  private readonly current: FreshValue<SystemStatus>;
  private readonly past: FreshValue<Incident[]>;

  constructor(private readonly deps: StatusBoardDeps) {
    this.current = new FreshValue(() => this.look(), STATUS_AGE_MS);
    this.past = new FreshValue(() => this.readPast(), PAST_AGE_MS);
  }

  /** At most a second old. Never rejects: what cannot be asked is said to be away. */
  status(): Promise<SystemStatus> {
    return this.current.get();
  }

  /** With what was known last where nothing can be known now. */
  async standing(): Promise<Standing> {
    const [status, past, uptime] = await Promise.all([
      this.status(),
      this.past.get().catch(() => this.past.latest ?? []),
      this.deps.uptime.read().catch(() => null),
    ]);
    return { status, past, uptime };
  }

  private async look(): Promise<SystemStatus> {
    const { view, dependencies, features, providers, incidents } = this.deps;
    const [reading, parts, open] = await Promise.all([view.read(), dependencies.read(), incidents.view.open()]);
    const state = reading.kind === 'state' ? reading : null;
    const { disabled } = features.watch;
    return systemStatus({ state, parts, disabled, providers: providers(), incidents: open, now: new Date() });
  }

  private async readPast(): Promise<Incident[]> {
    const rows = await this.deps.stored.list({ limit: PAST_AT_MOST, open: false });
    const since = Date.now() - PAST_DAYS_MS;
    return rows
      .filter(({ resolvedAt }) => resolvedAt !== null && resolvedAt.getTime() > since)
      .map((row) => incidentAnswer(row, 'public'));
  }
}
