import { expect } from 'chai';
import { ProviderStage } from '../support/providers/provider-stage.ts';
import { until } from '../support/until.ts';

describe('one model provider without a backup', function () {
  this.timeout(60_000);
  let stage: ProviderStage;

  before(async function () {
    this.timeout(120_000);
    stage = await ProviderStage.open({ WEIR_LLM_BACKUP_BASE_URL: '' }, 1);
  });
  afterEach(() => stage.mend());
  after(() => stage.close());

  it('is waited for: the run succeeds when it is back in time', async () => {
    await stage.providers.set('primary', { mode: 'outage', outage_ms: 3_000 });
    const watched = await stage.watch();
    expect(watched.run.status).to.equal('succeeded');
    expect(watched.run.steps?.[0]?.usage).to.include({ provider: 'primary', output_tokens: 60 });
    expect(watched.switched).to.deep.equal([]);
  });

  it('is not waited for longer than the step may take: the run fails with the reason', async () => {
    await stage.providers.set('primary', { mode: 'unavailable' });
    const begunAt = Date.now();
    const { run } = await stage.watch({ timeout_seconds: 5 });
    expect(run.status).to.equal('failed');
    expect(run.error).to.deep.equal({
      code: 'llm_unavailable',
      reason: 'The model provider had an internal error.',
      step: 'ask',
    });
    expect(Date.now() - begunAt).to.be.below(12_000);
    // Three failures open the breaker, then it is left alone.
    expect((await stage.providers.calls('primary', begunAt)).length).to.be.at.most(4);
  });

  it('is told to be down when nobody can be asked', async () => {
    await stage.providers.set('primary', { mode: 'unauthorized' });
    await stage.watch({ timeout_seconds: 1 });
    const status = await until(
      async () => {
        const answer = await stage.stage.admin.api().status();
        return answer.components.some(({ name, status: how }) => name === 'models' && how === 'down')
          ? answer
          : undefined;
      },
      { timeoutMs: 5_000, what: 'the status page to say so' },
    );
    expect(status.status).to.equal('Degraded');
    expect(status.message).to.match(/No model provider answers/);
  });
});
