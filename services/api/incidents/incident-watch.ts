import { randomUUID } from 'node:crypto';
import type { CauseEstimate, IncidentKeeping } from '../../../db/repositories/incident-keeping.ts';
import type { IncidentRow, NewIncident } from '../../../db/repositories/incident-row.ts';
import type { Incidents } from '../../../db/repositories/incidents.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Incident } from '../../../shared/protocol/http.ts';
import { type Condition, conditionsOf, type Observation } from './conditions.ts';
import { unstoredAnswer } from './incident-answer.ts';
import { isOpenIssue } from './outlook.ts';

/** Ms between looks; with it, the time from a trouble to its incident and the load of Postgres. */
const LOOK_EVERY_MS = 5_000;
/** A cause has to be away this long (s) before its incident ends: one that comes and goes is one incident. */
const QUIET_SECONDS = 120;
/** After an administrator closed an incident, its cause opens none for this long (s): they know. */
const GRACE_SECONDS = 900;

const RESOLVED = 'This is over: everything has worked normally again for a while.';
const MAINTENANCE = { begun: 'The planned maintenance has begun.', completed: 'The planned maintenance is over.' };

export interface IncidentWatchDeps {
  observe(): Promise<Observation>;
  incidents: Pick<Incidents, 'create' | 'open'>;
  keeping: IncidentKeeping;
  metrics: Pick<Metrics['capacity'], 'incidents'>;
  log: Logger;
  /** Tests make them short. */
  lookEveryMs?: number;
  quietSeconds?: number;
  lasting?: (condition: Condition) => number;
}

/**
 * Opens an incident for what is wrong for long enough, and ends those whose cause has been away for a while. Every api replica does so, as
 * "there is no leader" has to be found without one; the unique index lets one of them open it, and "away" is what no replica has seen.
 * While Postgres is away the incidents of this replica wait in memory and are shown from there.
 */
export class IncidentWatch implements Service {
  readonly name = 'incidents';
  private readonly firstSeen = new Map<string, number>();
  private readonly waiting = new Map<string, NewIncident>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = true;

  constructor(private readonly deps: IncidentWatchDeps) {}

  /** Incidents that are not in Postgres yet. */
  get unstored(): Incident[] {
    return [...this.waiting.values()].map(unstoredAnswer);
  }

  async start(): Promise<void> {
    this.stopped = false;
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** One look; never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookAround()
      .catch((error: unknown) => this.deps.log.debug('incidents are looked after later', { error }))
      .finally(() => {
        this.looking = undefined;
      });
    return this.looking;
  }

  private async lookAround(): Promise<void> {
    const { keeping, metrics, quietSeconds = QUIET_SECONDS } = this.deps;
    const seen = await this.deps.observe();
    const conditions = conditionsOf(seen);
    const lasting = this.confirmed(conditions, seen.now).filter(({ cause }) => !this.waiting.has(cause));
    const found = [...this.waiting.values(), ...lasting.map((condition) => incidentOf(condition, seen.now))];
    const open = await this.stored(found);
    await keeping.seen(conditions.map(({ cause }) => cause).filter((cause) => open.some((one) => one.cause === cause)));
    if (open.some(({ automatic }) => automatic)) {
      await keeping.estimate(estimatesOf(conditions, open));
      const closed = await keeping.closeQuiet(quietSeconds, RESOLVED);
      if (closed.length > 0) this.deps.log.info('incidents ended', { causes: closed });
    }
    if (open.some((incident) => isDue(incident, seen.now))) await keeping.turnMaintenance(MAINTENANCE);
    metrics.incidents.set(open.filter(isOpenIssue).length);
  }

  /** Those that have lasted long enough. */
  private confirmed(conditions: readonly Condition[], now: number): Condition[] {
    for (const cause of this.firstSeen.keys())
      if (!conditions.some((condition) => condition.cause === cause)) this.firstSeen.delete(cause);
    return conditions.filter((condition) => {
      const first = Math.min(this.firstSeen.get(condition.cause) ?? now, condition.since || now);
      this.firstSeen.set(condition.cause, first);
      return now - first >= (this.deps.lasting?.(condition) ?? condition.lastingMs);
    });
  }

  /** Opens those whose cause has no open incident; what cannot be stored waits. Answers what is open in Postgres. */
  private async stored(found: readonly NewIncident[]): Promise<IncidentRow[]> {
    try {
      const open = await this.deps.incidents.open();
      const missing = found.filter(({ cause }) => !open.some((one) => one.cause === cause));
      for (const incident of missing) {
        if (!(await this.deps.incidents.create(incident, GRACE_SECONDS))) continue;
        const { cause, title, impact } = incident;
        this.deps.log.warn('incident opened', { cause, title, impact });
      }
      this.waiting.clear();
      return missing.length === 0 ? open : await this.deps.incidents.open();
    } catch (error) {
      for (const incident of found) this.waiting.set(incident.cause ?? incident.id, incident);
      throw error;
    }
  }

  private schedule(): void {
    // Replicas do not look in step, so one of them finds what the others would all try to write.
    const pause = (this.deps.lookEveryMs ?? LOOK_EVERY_MS) * (0.8 + Math.random() * 0.4);
    this.timer = setTimeout(async () => {
      await this.look();
      if (!this.stopped) this.schedule();
    }, pause);
  }
}

function incidentOf(condition: Condition, now: number): NewIncident {
  const { cause, title, impact, components, message, estimate } = condition;
  return {
    id: randomUUID(),
    title,
    impact,
    status: 'investigating',
    components,
    cause,
    automatic: true,
    startedAt: new Date(now),
    scheduledFor: null,
    scheduledUntil: null,
    estimatedResolutionAt: estimate?.at ?? null,
    estimateConfidence: estimate?.confidence ?? null,
    estimatedBy: estimate === null ? null : 'system',
    message,
    by: 'system',
  };
}

/** Of the open incidents whose cause is seen here: who does not see it (yet, or any more) knows nothing about its end. */
function estimatesOf(conditions: readonly Condition[], open: readonly IncidentRow[]): CauseEstimate[] {
  return conditions
    .filter(({ cause }) => open.some((incident) => incident.cause === cause))
    .map(({ cause, estimate }) => ({ cause, at: estimate?.at ?? null, confidence: estimate?.confidence ?? null }));
}

function isDue({ status, scheduledFor, scheduledUntil }: IncidentRow, now: number): boolean {
  if (status === 'scheduled') return scheduledFor !== null && scheduledFor.getTime() <= now;
  return status === 'in_progress' && scheduledUntil !== null && scheduledUntil.getTime() <= now;
}
