import { expect } from 'chai';
import { type SystemStatus, systemStatusSchema } from '../../shared/protocol/http.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';
import { ProviderStage } from '../support/providers/provider-stage.ts';
import { until } from '../support/until.ts';

describe('the status while model providers fail', function () {
  this.timeout(60_000);
  let stage: ProviderStage;

  before(async function () {
    this.timeout(240_000);
    stage = await ProviderStage.open({ WEIR_LLM_OPEN_SECONDS: '40' }, 2);
  });
  after(() => stage?.stage.close());

  const status = async (): Promise<SystemStatus> => {
    const answer = await fetch(`${stage.stage.cluster.nginxUrl}/api/v1/system/status`);
    return systemStatusSchema.parse(await answer.json());
  };
  const causes = async () => (await status()).incidents.map(({ cause }) => cause);

  it('names one issue once a run was switched, and when the usual provider is asked again', async () => {
    expect((await status()).incidents).to.deep.equal([]);
    await stage.providers.set('primary', { mode: 'silent' });
    await stage.watch();
    const now = await until(
      async () => {
        const one = await status();
        return one.incidents.some(({ cause }) => cause === 'provider:switched') ? one : null;
      },
      { timeoutMs: 20_000, what: 'the incident of the switch' },
    );
    expect(now).to.include({ status: 'Degraded', message: TEXTS.providerSwitched, estimate_confidence: 'medium' });
    const [incident] = now.incidents;
    expect(incident?.updates[0]?.message).to.equal(TEXTS.providerSwitched);
    expect(Date.parse(incident?.estimated_resolution_at ?? '') - Date.now()).to.be.within(0, 41_000);
    expect(now.estimated_resolution_at).to.equal(incident?.estimated_resolution_at);
  });

  it('names another one when no provider can be asked', async () => {
    await stage.providers.set('backup', { mode: 'silent' });
    const workflow_id = await stage.workflow();
    await stage.newcomer().start({ workflow_id });
    await until(async () => (await causes()).includes('component:models'), {
      timeoutMs: 50_000,
      what: 'the incident of the models',
    });
    const { components } = await status();
    expect(components.find(({ name }) => name === 'models')?.status).to.equal('down');
  });
});
