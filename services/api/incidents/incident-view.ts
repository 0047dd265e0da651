import type { Incidents } from '../../../db/repositories/incidents.ts';
import type { Incident } from '../../../shared/protocol/http.ts';
import { incidentAnswer } from './incident-answer.ts';

export interface IncidentViewDeps {
  incidents: Pick<Incidents, 'open'>;
  /** Incidents of this replica that Postgres does not have yet. */
  unstored(): Incident[];
}

/** Open incidents and planned maintenance as the public sees them. Asks Postgres each time: whoever is asked by many remembers the answer. */
export class IncidentView {
  private lastKnown: Incident[] = [];

  constructor(private readonly deps: IncidentViewDeps) {}

  /** Newest first. Never rejects: while Postgres is away it is what was known last, and what has been found since. */
  async open(): Promise<Incident[]> {
    const rows = await this.deps.incidents.open().catch(() => null);
    if (rows !== null) this.lastKnown = rows.map((row) => incidentAnswer(row, 'public'));
    const stored = this.lastKnown;
    const added = this.deps.unstored().filter(({ cause }) => !stored.some((known) => known.cause === cause));
    return [...added, ...stored];
  }
}
