import type { Limits } from '../../shared/protocol/http.ts';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

const LIMITS_KEY = 'limits';

const GET: Statement = { name: 'settings.get', text: 'SELECT value FROM settings WHERE key = $1' };

/** Merges into what is there, so that two administrators who change different limits at once both get what they asked for. */
const MERGE: Statement = {
  name: 'settings.merge',
  text: `
    INSERT INTO settings AS s (key, value, updated_at, updated_by) VALUES ($1, $2::jsonb, now(), $3)
    ON CONFLICT (key) DO UPDATE SET value = s.value || excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by
    RETURNING value`,
};

/** Cluster-wide settings that outlive Redis. */
export class ClusterSettings {
  constructor(private readonly postgres: Postgres) {}

  /** The limits an administrator has set; null when none ever was. Those never set are not in it. */
  async getLimits(): Promise<Partial<Limits> | null> {
    const [row] = await this.postgres.run<{ value: Partial<Limits> }>(GET, [LIMITS_KEY]);
    return row?.value ?? null;
  }

  /** Sets the limits given and keeps the others; answers all that have ever been set. `by`: the administrator, for the record. */
  async saveLimits(limits: Partial<Limits>, by: string): Promise<Partial<Limits>> {
    const [row] = await this.postgres.run<{ value: Partial<Limits> }>(MERGE, [LIMITS_KEY, jsonText(limits), by]);
    return row?.value ?? limits;
  }
}
