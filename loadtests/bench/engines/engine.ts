import type { BenchServers } from '../bench-servers.ts';

/** Times of one job (Unix ms): its acceptance was asked for, its work began, its work had ended. */
export interface JobTimes {
  askedAt: number;
  startedAt: number;
  endedAt: number;
}

/** A queue with nothing in it, in this process. Nobody works on its jobs before `work`. */
export interface Engine {
  /** One job, as safe as the engine makes it when this resolves. */
  accept(): Promise<unknown>;
  /** So many jobs, in whatever way is the engine's fastest; returns when all of them wait. */
  fill(count: number): Promise<void>;
  /** From now on works on `slots` jobs at once, each of which does nothing for `workMs`. */
  work(slots: number): Promise<void>;
  /** Jobs whose work has ended. */
  ended(): Promise<number>;
  /** Of all jobs whose work has ended. */
  times(): Promise<JobTimes[]>;
  close(): Promise<void>;
}

/** How a bench gets one. `workMs`: how long each job's work takes. */
export type OpenEngine = (servers: BenchServers, workMs: number) => Promise<Engine>;

/** What a job carries. */
export interface JobData {
  askedAt: number;
  question: string;
}

export function jobData(): JobData {
  return { askedAt: Date.now(), question: 'how fast?' };
}

/** What the work of a job is for engines whose handlers run in this process, and who remembers when it was done. */
export class Workshop {
  readonly times: JobTimes[] = [];

  constructor(private readonly workMs: number) {}

  async work({ askedAt }: JobData): Promise<void> {
    const startedAt = Date.now();
    if (this.workMs > 0) await new Promise((resolve) => setTimeout(resolve, this.workMs));
    this.times.push({ askedAt, startedAt, endedAt: Date.now() });
  }
}

/** `count` calls of `once`, `lanes` at a time. */
export async function inLanes(count: number, lanes: number, once: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await once();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
