import type { WorkflowRow, Workflows } from '../../../db/repositories/workflows.ts';

/** Definitions never change, so a minute is not about staleness but about what is worth remembering (ms). */
const TTL_MS = 60_000;
/** A definition has at most 64 KiB, so at most some 60 MB; in practice 1–2. */
const MAX_WORKFLOWS = 1_000;

/** What a start needs to know of its definition. */
export type StartableWorkflow = Pick<WorkflowRow, 'id' | 'name' | 'steps'>;

/**
 * Definitions by id, least recently used out first, concurrent misses sharing one read. Unknown ids are not remembered:
 * the definition may be created the moment after.
 */
export class WorkflowCache {
  private readonly known = new Map<string, { workflow: WorkflowRow; until: number }>();
  private readonly reading = new Map<string, Promise<WorkflowRow | null>>();

  constructor(
    private readonly workflows: Pick<Workflows, 'get'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** undefined: not cached. */
  peek(id: string): WorkflowRow | undefined {
    const entry = this.known.get(id);
    if (entry === undefined || entry.until <= this.now()) return undefined;
    // A Map keeps the order of insertion, so the first key is the one not used for longest.
    this.known.delete(id);
    this.known.set(id, entry);
    return entry.workflow;
  }

  async get(id: string): Promise<WorkflowRow | null> {
    const cached = this.peek(id);
    if (cached !== undefined) return cached;
    let reading = this.reading.get(id);
    if (reading === undefined) {
      reading = this.load(id);
      this.reading.set(id, reading);
    }
    return reading;
  }

  private async load(id: string): Promise<WorkflowRow | null> {
    try {
      const workflow = await this.workflows.get(id);
      if (workflow !== null) this.keep(workflow);
      return workflow;
    } finally {
      this.reading.delete(id);
    }
  }

  private keep(workflow: WorkflowRow): void {
    this.known.delete(workflow.id);
    this.known.set(workflow.id, { workflow, until: this.now() + TTL_MS });
    if (this.known.size <= MAX_WORKFLOWS) return;
    const oldest = this.known.keys().next();
    if (!oldest.done) this.known.delete(oldest.value);
  }
}
