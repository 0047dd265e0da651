import { performance } from 'node:perf_hooks';

/** One answer as the client saw it. */
export interface Answered {
  /** When it was sent, since the beginning (ms). */
  at: number;
  tookMs: number;
  what: string;
  /** 0: no answer; `error` says why. */
  status: number;
  replica: string | null;
  error?: string;
}

export interface TrafficOptions {
  url: string;
  /** A few users, so that nobody's own limits are met. */
  tokens: string[];
  /** Ends at once, whichever replica has it. */
  workflowId: string;
  perSecond: number;
  /** Also starts that a proxy may not repeat. For what must not even hurt them. */
  unrepeatable: boolean;
}

/** How often what is due is sent (ms). */
const TICK_MS = 10;

/**
 * Requests at a rate that does not depend on the answers. Of twenty, one starts a run with an Idempotency-Key, one without (or reads), four
 * read from Postgres, and the rest cost little: what is tried here is the way to the replicas, not how much the machine can take. Every one is
 * counted; nothing is sent again.
 */
export class SteadyTraffic {
  readonly answers: Answered[] = [];
  private readonly startedAt = performance.now();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private sent = 0;

  constructor(private readonly options: TrafficOptions) {
    this.timer = setInterval(() => this.sendDue(), TICK_MS);
  }

  /** Milliseconds since the beginning, as in `at`. */
  get now(): number {
    return performance.now() - this.startedAt;
  }

  get failed(): Answered[] {
    return this.answers.filter(({ status }) => status === 0 || status >= 400);
  }

  replicas(sinceMs = 0): Set<string> {
    return new Set(this.answers.flatMap(({ at, replica }) => (at >= sinceMs && replica !== null ? [replica] : [])));
  }

  /** Resolves when every request that was sent has its answer. */
  async stop(): Promise<this> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    return this;
  }

  private sendDue(): void {
    const due = Math.floor((this.now / 1_000) * this.options.perSecond);
    for (; this.sent < due; this.sent++) {
      const one = this.send(this.sent);
      this.underWay.add(one);
      void one.finally(() => this.underWay.delete(one));
    }
  }

  private async send(n: number): Promise<void> {
    const { url, tokens, workflowId, unrepeatable } = this.options;
    const headers: Record<string, string> = { Authorization: `Bearer ${tokens[n % tokens.length]}` };
    const keyed = n % 20 === 3;
    const starts = keyed || (unrepeatable && n % 20 === 13);
    const stored = n % 5 === 0;
    if (starts) headers['Content-Type'] = 'application/json';
    if (keyed) headers['Idempotency-Key'] = crypto.randomUUID();
    const what = starts ? `start ${keyed ? 'with' : 'without'} key` : stored ? 'read from Postgres' : 'read';
    const path = starts ? 'trigger' : stored ? 'runs?limit=1' : 'system/status';
    const at = this.now;
    const end = (rest: Pick<Answered, 'status' | 'replica' | 'error'>) =>
      this.answers.push({ at, tookMs: this.now - at, what, ...rest });
    try {
      const answer = await fetch(`${url}/api/v1/${path}`, {
        headers,
        ...(starts ? { method: 'POST', body: JSON.stringify({ workflow_id: workflowId, payload: {} }) } : {}),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      const replica = answer.headers.get('x-replica');
      end({ status: answer.status, replica, ...(answer.ok ? {} : { error: text.slice(0, 300) }) });
    } catch (error) {
      end({ status: 0, replica: null, error: String(error instanceof Error ? (error.cause ?? error) : error) });
    }
  }
}
