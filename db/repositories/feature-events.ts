import type { CapacityLevel, Comfort, ComfortCause } from '../../shared/workflow/capacity-level.ts';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

/** A feature was switched, or an administrator began or ended forcing it. */
export interface FeatureEvent {
  /** From Redis; grows over the whole cluster. */
  seq: number;
  at: Date;
  feature: Comfort;
  /** From then on. */
  enabled: boolean;
  forced: 'on' | 'off' | null;
  cause: ComfortCause;
  /** The administrator, or `system`. */
  changedBy: string;
  reason: string;
  level: CapacityLevel;
}

const COLUMNS = 'seq, at, feature, enabled, forced, cause, changed_by AS "changedBy", reason, level';

const STORE: Statement = {
  name: 'featureEvents.store',
  text: `
    INSERT INTO feature_events (seq, at, feature, enabled, forced, cause, changed_by, reason, level)
    SELECT e.seq, e.at, e.feature, e.enabled, e.forced, e.cause, e."changedBy", e.reason, e.level
    FROM jsonb_to_recordset($1::jsonb) AS e(
      seq bigint, at timestamptz, feature text, enabled boolean, forced text, cause text, "changedBy" text, reason text, level text
    )
    ON CONFLICT (seq) DO NOTHING`,
};

const LIST: Statement = {
  name: 'featureEvents.list',
  text: `SELECT ${COLUMNS} FROM feature_events WHERE seq < $1 ORDER BY seq DESC LIMIT $2`,
};

/** Table `feature_events`: who switched what, when and why. */
export class FeatureEvents {
  constructor(private readonly postgres: Postgres) {}

  /** Those that are there already stay as they are. */
  async store(events: readonly FeatureEvent[]): Promise<void> {
    if (events.length > 0) await this.postgres.run(STORE, [jsonText(events)]);
  }

  /** Newest first. */
  list({ limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number }): Promise<FeatureEvent[]> {
    return this.postgres.run<FeatureEvent>(LIST, [before, limit]);
  }
}
