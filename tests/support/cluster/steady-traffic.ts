import { performance } from 'node:perf_hooks';

/** What became of one request. */
export interface Sent {
  kind: string;
  /** HTTP status; 0: no answer at all. */
  status: number;
  replica: string | null;
  /** From sending to the end of the answer (ms). */
  ms: number;
  /** Unix ms of the sending. */
  at: number;
  /** Beginning of the answer, or why there was none: for the failure of a test. */
  text: string;
}

/** Makes request number `n`, with a name for its kind. */
export type Request = (n: number) => { kind: string; url: string; init?: RequestInit };

/** Beyond these under way it waits: a machine that cannot bear the rate must not be buried. */
const MAX_UNDER_WAY = 500;

/**
 * Sends requests at a steady rate, whether or not the answers to earlier ones have come: the way users do. A client that waited for its
 * answers would send least while something is wrong.
 */
export class SteadyTraffic {
  readonly sent: Sent[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private count = 0;

  constructor(request: Request, perSecond: number) {
    const startedAt = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
      while (this.count < due && this.underWay.size < MAX_UNDER_WAY) this.send(request(this.count++));
    }, 5);
  }

  /** Ends sending and waits for the answers; may be called twice. */
  async stop(): Promise<readonly Sent[]> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    return this.sent;
  }

  private send({ kind, url, init }: ReturnType<Request>): void {
    const at = Date.now();
    const startedAt = performance.now();
    const keep = (status: number, replica: string | null, text: string) =>
      void this.sent.push({ kind, status, replica, ms: performance.now() - startedAt, at, text: text.slice(0, 1_000) });
    const work = fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })
      .then(async (answer) => keep(answer.status, answer.headers.get('x-replica'), await answer.text()))
      .catch((error: Error) => keep(0, null, `${error.message} ${error.cause ?? ''}`))
      .finally(() => this.underWay.delete(work));
    this.underWay.add(work);
  }
}

/** What did not succeed, one line for each way of it. */
export function failuresIn(sent: readonly Sent[]): string[] {
  const lines = sent
    .filter(({ status }) => status < 200 || status > 299)
    .map(({ kind, status, text }) => `${kind}: ${status} ${text.replace(/"correlation_id":"[^"]*"/, '')}`);
  return [...new Set(lines)].map((line) => `${lines.filter((other) => other === line).length} × ${line}`);
}
