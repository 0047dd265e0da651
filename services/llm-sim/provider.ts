import type { IncomingMessage, ServerResponse } from 'node:http';
import { completionRequestSchema } from './completion-request.ts';
import { Exchange } from './exchange.ts';
import { MODES } from './modes/modes.ts';
import { applyPatch, type SettingsPatch, type SimulatorSettings, settingsPatchSchema } from './settings.ts';

/** Changes one request only: JSON in the form of `PUT /control`. */
const OVERRIDE_HEADER = 'x-llm-sim';
/** Requests remembered. */
const REMEMBERED = 1_000;

/** Completions since the start. */
export interface ProviderStats {
  requests: number;
  active: number;
  /** Most at once since the mode was set. */
  most_active: number;
  completed: number;
  /** Did not reach their end: the client left, or the mode cut them. */
  aborted: number;
}

/** A completion that was asked for. */
export interface SeenCompletion {
  /** Unix ms. */
  at: number;
  model: string;
  roles: string[];
  mode: string;
  /** null: still being answered. As the client sees it: a stream that ends politely but without a finish is `completed`. */
  outcome: 'completed' | 'aborted' | null;
  correlation_id: string | null;
  traceparent: string | null;
}

/** One provider of the simulator: its settings, and what was asked of it. */
export class SimulatedProvider {
  readonly stats: ProviderStats = { requests: 0, active: 0, most_active: 0, completed: 0, aborted: 0 };
  /** Oldest first. */
  readonly seen: SeenCompletion[] = [];
  private sinceMode = 0;

  constructor(
    readonly name: string,
    public settings: SimulatorSettings,
    /** `performance.now()` of when the mode was set, which may be before anybody asked this provider. */
    private modeSetAt = performance.now(),
  ) {}

  control(patch: SettingsPatch): void {
    this.settings = applyPatch(this.settings, patch);
    if (patch.mode === undefined) return;
    this.modeSetAt = performance.now();
    this.sinceMode = 0;
    this.stats.most_active = this.stats.active;
  }

  /** `deployment`: the model's name if the address gives it. Rejects with ZodError or SyntaxError for what is no completion request. */
  async complete(
    request: IncomingMessage,
    json: unknown,
    response: ServerResponse,
    deployment: string | null,
  ): Promise<void> {
    const body = completionRequestSchema.parse(json);
    if (deployment !== null) body.model = deployment;
    const override = request.headers[OVERRIDE_HEADER];
    const settings =
      override === undefined
        ? this.settings
        : applyPatch(this.settings, settingsPatchSchema.parse(JSON.parse(String(override))));
    const completion: SeenCompletion = {
      at: Date.now(),
      model: body.model,
      roles: body.messages.map(({ role }) => role),
      mode: settings.mode,
      outcome: null,
      correlation_id: request.headers['x-correlation-id']?.toString() ?? null,
      traceparent: request.headers.traceparent?.toString() ?? null,
    };
    const gone = new AbortController();
    const { stats } = this;
    response.once('close', () => {
      stats.active -= 1;
      completion.outcome = response.writableFinished ? 'completed' : 'aborted';
      stats[completion.outcome] += 1;
      gone.abort();
    });
    stats.requests += 1;
    stats.active += 1;
    stats.most_active = Math.max(stats.most_active, stats.active);
    this.sinceMode += 1;
    this.remember(completion);
    const modeAgeMs = performance.now() - this.modeSetAt;
    const id = `chatcmpl-sim-${stats.requests}`;
    await MODES[settings.mode].answer(
      new Exchange(id, body, response, settings, gone.signal, this.sinceMode, modeAgeMs),
    );
  }

  private remember(completion: SeenCompletion): void {
    this.seen.push(completion);
    if (this.seen.length > REMEMBERED) this.seen.shift();
  }
}
