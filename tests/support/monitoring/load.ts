import type { Step } from '../../../shared/workflow/definition.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import { delayStep, type Stage } from '../cluster/stage.ts';
import { SimulatedProviders } from '../providers/simulated-providers.ts';
import { until } from '../until.ts';
import type { PrometheusClient } from './prometheus-client.ts';

const ASK: Step = { name: 'ask', type: 'llm', config: { prompt: 'Say hello', timeout_seconds: 20 } };
const CALL: Step = { name: 'call', type: 'webhook', config: { url: 'http://not-allowed.example/', method: 'POST' } };

/** Everything that a dashboard can show, once or twice each. Every part ends with a scrape, so that counters are seen growing. */
export class Load {
  private readonly providers: SimulatedProviders;
  private people = 0;

  constructor(
    private readonly stage: Stage,
    private readonly prometheus: PrometheusClient,
  ) {
    this.providers = new SimulatedProviders(stage.cluster.simulator.url);
  }

  async run(): Promise<void> {
    await this.providers.set('primary', { first_token_ms: 50, tokens_per_second: 0 });
    await this.providers.set('backup', { first_token_ms: 50, tokens_per_second: 0 });
    await this.scraped();
    await this.fillWithUsers();
    for (let round = 0; round < 2; round++) {
      await this.wrongRequests();
      await this.endings();
      await this.scraped();
    }
    await this.fullQueue();
    await this.providerFaults();
    await this.withoutPostgres();
    await this.scraped();
  }

  /** Through all levels, one after the other. */
  private async fillWithUsers(): Promise<void> {
    for (const [users, level] of [
      [8, 1],
      [9, 2],
      [10, 3],
    ] as const) {
      while (this.people < users)
        await this.stage
          .person(`listener-${++this.people}`)
          .listen()
          .live();
      await this.until('cluster:weir_capacity_level:max', (value) => value >= level);
    }
  }

  /** Each a problem document with another code. */
  private async wrongRequests(): Promise<void> {
    const { nginxUrl } = this.stage.cluster;
    await fetch(`${nginxUrl}/api/v1/runs`);
    await fetch(`${nginxUrl}/api/v1/nothing-here`);
    await this.stage.person('curious').start({ workflow_id: '01890000-0000-7000-8000-000000000000' });
    await this.stage.person('hasty').start({ workflow_id: 'not an id' });
  }

  /** Runs that succeed, fail and are cancelled. */
  private async endings(): Promise<void> {
    const greets = await this.stage.workflow('greets', ASK);
    const calls = await this.stage.workflow('calls', CALL);
    const rests = await this.stage.workflow('rests', delayStep('rest', 60));
    const cancelled = await this.start('fickle', rests);
    await this.stage.person('fickle').api().cancel(cancelled);
    await this.ended(await this.start('author', calls));
    await Promise.all([1, 2, 3].map(async (n) => this.ended(await this.start(`writer-${n}`, greets))));
  }

  /** More runs than slots, so that some wait and are served, some wait in vain, and some are refused. */
  private async fullQueue(): Promise<void> {
    const naps = await this.stage.workflow('naps', delayStep('nap', 2));
    const sleeps = await this.stage.workflow('sleeps', delayStep('sleep', 7));
    const served = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => this.start(`patient-${n}`, naps)));
    await Promise.all(served.map((run) => this.ended(run)));
    const holding = await Promise.all([1, 2, 3, 4].map((n) => this.start(`sleeper-${n}`, sleeps)));
    // Six for one user, whose queue holds five, then more than the queue of all holds.
    const greedy = this.stage.person('greedy');
    for (let n = 0; n < 6; n++) await greedy.start({ workflow_id: naps });
    for (let n = 0; n < 5; n++) await this.stage.person(`late-${n}`).start({ workflow_id: naps });
    await this.until('sum(weir_runs_finished_total{status="timed_out"})', (value) => value > 0);
    await Promise.all(holding.map((run) => this.ended(run)));
  }

  /** One repeat on the same provider; then the primary goes, the backup answers, a probe finds it well again. */
  private async providerFaults(): Promise<void> {
    const greets = await this.stage.workflow('greets', ASK);
    const ask = async () => this.ended(await this.start('asker', greets));
    await this.providers.set('primary', { mode: 'error_once' });
    await ask();
    await this.providers.set('primary', { mode: 'unavailable' });
    // Failures open it that one replica has seen in a row.
    await this.until('max(weir_llm_breaker_state{provider="primary"})', async (value) => {
      if (value !== 2) await ask();
      return value === 2;
    });
    await this.until('max(weir_llm_provider_active{provider="backup"})', (value) => value === 1);
    await this.until('sum(weir_llm_probes_total)', (value) => value > 0);
    await this.providers.set('primary', { mode: 'ok' });
    await this.until('max(weir_llm_breaker_state{provider="primary"})', (value) => value === 0);
    await ask();
  }

  /** Starts that cannot be stored: errors of ours. */
  private async withoutPostgres(): Promise<void> {
    const greets = await this.stage.workflow('greets', ASK);
    await this.stage.cluster.postgres.stop();
    try {
      await this.until('sum(weir_http_problems_total{code="storage_unavailable"})', async (value) => {
        await this.stage.person('unlucky').start({ workflow_id: greets }, { at: this.stage.replica(1) });
        return value > 1;
      });
    } finally {
      await this.stage.cluster.postgres.start();
    }
    await this.ended(await this.start('returned', greets));
  }

  private async start(user: string, workflow_id: string): Promise<string> {
    return until(
      async () => {
        const { status, body } = await this.stage.person(user).start({ workflow_id });
        if (status === 503) return undefined;
        if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`);
        return body.run_id;
      },
      { timeoutMs: 15_000, what: 'a start to be accepted' },
    );
  }

  private async ended(runId: string): Promise<void> {
    await until(async () => isFinal((await this.stage.record.runs([runId]))[0]?.status ?? 'queued'), {
      timeoutMs: 40_000,
      what: 'the end of a run',
    });
  }

  /** Until Prometheus, not the cluster, says so. */
  private async until(query: string, reached: (value: number) => boolean | Promise<boolean>): Promise<void> {
    await until(async () => reached((await this.prometheus.instant(query))[0]?.values[0]?.value ?? Number.NaN), {
      timeoutMs: 30_000,
      what: query,
    });
  }

  /** Two scrapes of every replica from now on. */
  private async scraped(): Promise<void> {
    const now = Date.now() / 1_000;
    await this.until('min(timestamp(up{job="weir"}))', (at) => at > now + 1);
  }
}
