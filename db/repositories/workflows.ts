import type { Step } from '../../shared/workflow/definition.ts';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

/** A definition. It never changes and is never deleted, so whoever has read one may keep it. */
export interface WorkflowRow {
  id: string;
  /** Order of creation; what lists page by. */
  seq: number;
  name: string;
  description: string | null;
  steps: Step[];
  createdBy: string;
  createdAt: Date;
}

export interface NewWorkflow {
  name: string;
  description?: string | null | undefined;
  steps: readonly Step[];
  createdBy: string;
}

const COLUMNS = 'id, seq, name, description, steps, created_by AS "createdBy", created_at AS "createdAt"';

const CREATE: Statement = {
  name: 'workflows.create',
  text: `INSERT INTO workflows (name, description, steps, created_by) VALUES ($1, $2, $3::jsonb, $4) RETURNING ${COLUMNS}`,
};

const GET: Statement = { name: 'workflows.get', text: `SELECT ${COLUMNS} FROM workflows WHERE id = $1` };

const LIST: Statement = {
  name: 'workflows.list',
  text: `SELECT ${COLUMNS} FROM workflows WHERE seq < $1 ORDER BY seq DESC LIMIT $2`,
};

export class Workflows {
  constructor(private readonly postgres: Postgres) {}

  async create(workflow: NewWorkflow): Promise<WorkflowRow> {
    const { name, description, steps, createdBy } = workflow;
    const [row] = await this.postgres.run<WorkflowRow>(CREATE, [
      storable(name),
      description === undefined || description === null ? null : storable(description),
      jsonText(steps),
      createdBy,
    ]);
    if (row === undefined) throw new Error('INSERT … RETURNING answered no row');
    return row;
  }

  async get(id: string): Promise<WorkflowRow | null> {
    const [row] = await this.postgres.run<WorkflowRow>(GET, [id]);
    return row ?? null;
  }

  /** Newest first; the next page is `before` the `seq` of this one's last. */
  list({ limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number }): Promise<WorkflowRow[]> {
    return this.postgres.run<WorkflowRow>(LIST, [before, limit]);
  }
}

/** Text from people; Postgres cannot store U+0000. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}
