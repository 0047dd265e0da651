import type { WorkflowRow, Workflows } from '../../../db/repositories/workflows.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { KeptReads } from './kept-reads.ts';

/** A definition has at most 64 KiB, so at most some 60 MB; in practice 1–2. */
const MAX_WORKFLOWS = 1_000;

/** What a start needs to know of its definition. */
export type StartableWorkflow = Pick<WorkflowRow, 'id' | 'name' | 'steps'>;

export interface WorkflowCacheDeps {
  workflows: Pick<Workflows, 'get'>;
  metrics: Metrics['cache'];
  /** How long a definition is kept; 0: not at all. */
  seconds: number;
  /** Monotonic ms; tests set it. */
  now?: () => number;
}

/**
 * Definitions by id. They never change and are never deleted, so there is nothing to hear of from other replicas, and the life of an
 * entry is not about staleness but about what is worth remembering. Unknown ids are not remembered: the definition may be created
 * the moment after.
 */
export class WorkflowCache {
  /** null: switched off. */
  private readonly kept: KeptReads<WorkflowRow> | null;

  constructor(private readonly deps: WorkflowCacheDeps) {
    const { seconds, now } = deps;
    const options = { lifeMs: Math.ceil(seconds * 1_000), maxSize: MAX_WORKFLOWS, sizeOf: () => 1 };
    this.kept = seconds === 0 ? null : new KeptReads({ ...options, ...(now === undefined ? {} : { now }) });
  }

  /** undefined: not kept. */
  peek(id: string): WorkflowRow | undefined {
    const kept = this.kept?.peek(id);
    if (kept !== undefined) this.deps.metrics.count('workflow', 'hit');
    return kept;
  }

  async get(id: string): Promise<WorkflowRow | null> {
    const { workflows, metrics } = this.deps;
    const kept = this.peek(id);
    if (kept !== undefined) return kept;
    metrics.count('workflow', this.kept === null ? 'bypass' : 'miss');
    const read = () => workflows.get(id);
    return this.kept === null ? read() : this.kept.get(id, read);
  }
}
