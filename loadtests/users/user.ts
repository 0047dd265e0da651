import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../shared/protocol/client/live-connection.ts';
import { wait } from '../../shared/protocol/client/wait.ts';
import type { EventFrame } from '../../shared/protocol/events.ts';
import type { Assignment } from './assignment.ts';
import { ChatCheck } from './chat-check.ts';
import { deferred } from './deferred.ts';
import { measuredFetch } from './measured-fetch.ts';
import type { Reporter } from './reporter.ts';
import { RunCheck } from './run-check.ts';
import { StreamCheck } from './stream-check.ts';
import { type UserSocket, userSocket } from './user-socket.ts';

/** Longest time until a first frame, refusals and their Retry-After included (ms). */
const CONNECT_LIMIT_MS = 60_000;
/** What is stored is told within this, or it is lost (ms). Longer than a client needs to notice a dead socket and come back. */
const TOLD_WITHIN_MS = 15_000;

/** Somebody with a token, a socket and runs, who notices everything that is not as it must be. */
export class User {
  readonly api: ApiClient;
  readonly connection: LiveConnection;
  readonly chat = new ChatCheck();
  private readonly socket: UserSocket;
  private readonly stream = new StreamCheck();
  private readonly runs = new Map<string, RunCheck>();
  private brokenAt: number | null = null;
  /** Offset of the last event that the socket of now has only repeated from the time without one. */
  private replayedUntil = 0;

  constructor(
    readonly who: Assignment,
    readonly reporter: Reporter,
  ) {
    const token = () => who.token;
    this.api = new ApiClient({ baseUrl: who.target, token, fetch: measuredFetch(reporter, who.region) });
    this.socket = userSocket({ rttMs: who.region.rttMs, from: who.from, tap: (text) => this.hear(text) });
    this.connection = new LiveConnection({
      endpoint: bearerEndpoint(who.target, token),
      WebSocket: this.socket.constructorFor,
    });
    this.connection.onState((state) => {
      if (state.kind !== 'live' || this.brokenAt === null) return;
      reporter.span('resume', Date.now() - this.brokenAt);
      this.brokenAt = null;
    });
  }

  /** Rejects when no first frame comes. */
  async connect(): Promise<void> {
    const begun = Date.now();
    const live = deferred();
    const off = this.connection.onState((state) => {
      if (state.kind === 'live') live.resolve();
      if (state.kind === 'stopped') live.reject(new Error(`connection stopped: ${JSON.stringify(state.reason)}`));
    });
    this.connection.start();
    const late = AbortSignal.timeout(CONNECT_LIMIT_MS);
    late.addEventListener('abort', () => live.reject(new Error('no first frame within a minute')));
    await live.promise.finally(off);
    this.reporter.span('connect', Date.now() - begun);
  }

  /** The socket breaks; the client notices and resumes by itself. */
  breakSocket(): void {
    if (this.brokenAt === null && this.socket.drop()) this.brokenAt = Date.now();
  }

  /** Starts a run. Somebody impatient sends the same start twice, under one key. */
  async start(workflowId: string, impatient: boolean): Promise<RunCheck> {
    const body = { workflow_id: workflowId, payload: { topic: 'load' } };
    const key = { idempotencyKey: crypto.randomUUID() };
    const postedAt = Date.now();
    const again = impatient ? wait(50).then(() => this.api.trigger(body, key)) : null;
    const [answer, second] = await Promise.all([this.api.trigger(body, key), again]);
    if (second !== null && second.run_id !== answer.run_id)
      this.reporter.fault('double_run', `${answer.run_id} and ${second.run_id}`);
    const run = this.run(answer.run_id);
    void this.measureStart(run, postedAt, answer.queue !== null);
    return run;
  }

  /** Waits for the end of a run as its owner is told of it; what does not come is lost. */
  async end(run: RunCheck, limitMs: number): Promise<void> {
    if (!(await within(run.whenEnded, limitMs))) await this.askForEnd(run);
    for (const detail of run.faults) this.reporter.fault('out_of_order', `${run.runId}: ${detail}`);
    if (run.end === null) return;
    this.reporter.add({ kind: 'run', at: Date.now(), end: run.end });
    if (run.end === 'failed' || run.end === 'timed_out') this.reporter.fault('failed_run', `${run.runId} ${run.end}`);
    this.runs.delete(run.runId);
  }

  close(): Promise<void> {
    return this.connection.stop();
  }

  private async askForEnd(run: RunCheck): Promise<void> {
    // Whoever leaves does not keep a place: the run is cancelled, and even that must be told.
    await this.api.cancel(run.runId).catch(() => {});
    if (await within(run.whenEnded, TOLD_WITHIN_MS)) return;
    const known = await this.api.getRun(run.runId).catch((error: unknown) => String(error));
    if (typeof known === 'string') this.reporter.fault('lost_run', `${run.runId}: ${known}`);
    else if (known.finished_at === null) this.reporter.fault('lost_run', `${run.runId} is ${known.status} for ever`);
    else this.reporter.fault('lost_event', `${run.runId} ${known.status} at ${known.finished_at}, nobody was told`);
  }

  private async measureStart(run: RunCheck, postedAt: number, queued: boolean): Promise<void> {
    await run.whenEnded;
    if (run.startingAt !== null) this.reporter.span(queued ? 'start_queued' : 'start', run.startingAt - postedAt);
  }

  private hear(text: string): void {
    const frame = JSON.parse(text) as EventFrame;
    const heardAt = Date.now();
    const fault = this.stream.arrive(frame);
    if (fault !== null) this.reporter.fault(fault.fault, `${this.who.userId}: ${fault.detail}`);
    const chatFault = this.chat.arrive(frame);
    if (chatFault !== null) this.reporter.fault('out_of_order', `${this.who.userId}: ${chatFault}`);
    if (frame.type === 'SNAPSHOT') this.replayedUntil = 0;
    if (frame.type === 'RESUMED') this.replayedUntil = (frame.offset ?? 0) + frame.data.replayed;
    if (frame.offset === undefined || frame.type === 'SNAPSHOT' || frame.type === 'RESUMED') return;
    // While a socket was away its events were waiting: that is not how long telling takes.
    const waited = frame.offset <= this.replayedUntil || this.connection.state.kind !== 'live';
    if (!waited) this.reporter.span('notice', heardAt - Date.parse(frame.at) - this.who.region.rttMs / 2);
    if (fault?.fault === 'repeated_event') return;
    if (frame.type.startsWith('WORKFLOW_') && 'run_id' in frame.data)
      this.run(frame.data.run_id).arrive(frame, waited ? null : heardAt);
  }

  /** The news of a run may be here before the answer to its start. */
  private run(runId: string): RunCheck {
    const known = this.runs.get(runId) ?? new RunCheck(runId);
    this.runs.set(runId, known);
    return known;
  }
}

async function within(event: Promise<void>, ms: number): Promise<boolean> {
  const limit = new AbortController();
  const result = await Promise.race([event.then(() => true), wait(ms, limit.signal).then(() => false)]).catch(
    () => false,
  );
  limit.abort();
  return result;
}
