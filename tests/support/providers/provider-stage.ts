import type { RunAnswer } from '../../../shared/protocol/http.ts';
import type { LlmConfig, Step } from '../../../shared/workflow/definition.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import type { Listener } from '../cluster/listener.ts';
import type { Person } from '../cluster/person.ts';
import { Stage } from '../cluster/stage.ts';
import { until } from '../until.ts';
import { SimulatedProviders } from './simulated-providers.ts';

/** Short enough for tests, long enough for a busy machine. */
const QUICK = {
  WEIR_LLM_FIRST_CONTENT_SECONDS: '1.5',
  WEIR_LLM_STALL_SECONDS: '1.5',
  WEIR_LLM_OPEN_SECONDS: '2',
  WEIR_MAX_USERS: '1000',
  WEIR_MAX_WORKFLOWS: '200',
  WEIR_QUEUE_MAX_PER_USER: '1000',
};
/** Length of every answer. */
export const TOKENS = 60;

/** One run of one llm step, as its owner has seen it. */
export interface WatchedRun {
  run: RunAnswer;
  /** What a watcher has on the screen in the end, after every restart mark. */
  shown: string;
  restarts: number;
  /** Texts of PROVIDER_SWITCHED for this run. */
  switched: string[];
}

/** A cluster with simulated providers, and people who run workflows that ask them. */
export class ProviderStage {
  readonly providers: SimulatedProviders;
  private readonly workflows = new Map<string, Promise<string>>();
  private people = 0;

  private constructor(readonly stage: Stage) {
    this.providers = new SimulatedProviders(stage.cluster.simulator.url);
  }

  static async open(settings: Record<string, string> = {}, replicas = 3): Promise<ProviderStage> {
    const stage = new ProviderStage(await Stage.open({ replicas, settings: { ...QUICK, ...settings } }));
    await stage.mend();
    return stage;
  }

  /** Both providers well, and known to be. */
  async mend(): Promise<void> {
    const { simulator } = this.stage.cluster;
    const well = { mode: 'ok', tokens: TOKENS, tokens_per_second: 0, first_token_ms: 0 };
    await fetch(`${simulator.url}/control`, { method: 'PUT', body: JSON.stringify(well) });
    await Promise.all([this.providers.set('primary', { mode: 'ok' }), this.providers.set('backup', { mode: 'ok' })]);
    await until(
      async () => {
        for (const replica of this.stage.cluster.replicas) {
          if (replica.pid === null) continue;
          const { providers } = await this.stage.admin.api(replica).providers();
          if (providers.some(({ state }) => state !== 'closed')) return false;
        }
        return true;
      },
      { timeoutMs: 30_000, what: 'closed breakers on all replicas' },
    );
  }

  newcomer(): Person {
    return this.stage.person(`user-${++this.people}`);
  }

  workflow(config: Partial<LlmConfig> = {}): Promise<string> {
    const key = JSON.stringify(config);
    const step: Step = { name: 'ask', type: 'llm', config: { prompt: 'Say hello', timeout_seconds: 20, ...config } };
    const known = this.workflows.get(key) ?? this.stage.workflow('asks a model', step);
    this.workflows.set(key, known);
    return known;
  }

  /** Starts a run of a new user's own and watches it to its end. */
  async watch(config: Partial<LlmConfig> = {}): Promise<WatchedRun> {
    const person = this.newcomer();
    const listener = await person.listen().live();
    const started = await person.start({ workflow_id: await this.workflow(config) });
    if (started.status !== 202) throw new Error(`not accepted: ${JSON.stringify(started.body)}`);
    const run = await this.ended(person, started.body.run_id);
    await listener.heard(
      (heard) => heard.frames.some(({ type }) => type === 'WORKFLOW_COMPLETED' || type === 'WORKFLOW_FAILED'),
      'the end of the run',
    );
    const watched = seenBy(listener, run);
    await listener.close();
    return watched;
  }

  ended(person: Person, runId: string, timeoutMs = 40_000): Promise<RunAnswer> {
    return until(
      async () => {
        const run = await person.api().getRun(runId);
        return isFinal(run.status) ? run : undefined;
      },
      { timeoutMs, what: 'the end of the run' },
    );
  }

  /** Sum of a metric's samples over all replicas, those whose labels include all of `labels`. */
  async metric(name: string, labels: string[] = []): Promise<number> {
    const pages = await Promise.all(
      this.stage.cluster.replicas.map(async ({ internalUrl }) => (await fetch(`${internalUrl}/metrics`)).text()),
    );
    return pages
      .flatMap((page) => page.split('\n'))
      .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

export function seenBy(listener: Listener, run: RunAnswer): WatchedRun {
  const pieces = listener.ofType('WORKFLOW_OUTPUT').filter(({ data }) => data.run_id === run.id);
  const lastRestart = pieces.findLastIndex(({ data }) => data.restart === true);
  return {
    run,
    shown: pieces
      .slice(Math.max(0, lastRestart))
      .map(({ data }) => data.text)
      .join(''),
    restarts: pieces.filter(({ data }) => data.restart === true).length,
    switched: listener
      .ofType('PROVIDER_SWITCHED')
      .filter(({ data }) => data.run_id === run.id)
      .map(({ data }) => data.message),
  };
}
