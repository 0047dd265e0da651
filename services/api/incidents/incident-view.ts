import type { Incidents } from '../../../db/repositories/incidents.ts';
import type { Incident } from '../../../shared/protocol/http.ts';
import { FreshValue } from '../admission/fresh-value.ts';
import { incidentAnswer } from './incident-answer.ts';

/** Everybody reads the status in a crisis; together they cost one statement in this time (ms). */
const MAX_AGE_MS = 1_000;

export interface IncidentViewDeps {
  incidents: Pick<Incidents, 'open'>;
  /** Incidents of this replica that Postgres does not have yet. */
  unstored(): Incident[];
}

/** Open incidents and planned maintenance as the public sees them. */
export class IncidentView {
  private readonly fresh: FreshValue<Incident[]>;
  private lastKnown: Incident[] = [];

  constructor(private readonly deps: IncidentViewDeps) {
    this.fresh = new FreshValue(() => this.load(), MAX_AGE_MS);
  }

  /** Newest first. Never rejects: while Postgres is away it is what was known last, and what has been found since. */
  async open(): Promise<Incident[]> {
    const stored = await this.fresh.get().catch(() => this.lastKnown);
    const added = this.deps.unstored().filter(({ cause }) => !stored.some((known) => known.cause === cause));
    return [...added, ...stored];
  }

  /** The next reader is told what has just been changed. */
  forget(): void {
    this.fresh.forget();
  }

  private async load(): Promise<Incident[]> {
    const rows = await this.deps.incidents.open();
    this.lastKnown = rows.map((row) => incidentAnswer(row, 'public'));
    return this.lastKnown;
  }
}
