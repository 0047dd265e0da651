import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import { RouterRig, TOKENS } from '../../../../tests/support/worker/router-rig.ts';
import { ModelFailure } from '../model-failure.ts';

describe('the router of model calls', () => {
  let rig: RouterRig;

  beforeEach(async () => {
    rig = await RouterRig.open();
  });
  afterEach(() => rig.close());

  it('asks the primary and nobody else while it is well', async () => {
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'primary', model: 'primary-model', finishReason: 'stop' });
    expect(asked).to.deep.include({ switches: [], restarts: 0 });
    expect(rig.backup.seen).to.have.length(0);
  });

  it('repeats once on the same provider after one error', async () => {
    rig.primary.control({ mode: 'error_once' });
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(rig.primary.seen).to.have.length(2);
    expect(asked.switches).to.deep.equal([]);
  });

  it('waits as long as the provider asks for', async () => {
    rig.primary.control({ mode: 'rate_limited_once' });
    expect(await rig.ask().answer).to.include({ provider: 'primary' });
    const [first, second] = rig.primary.seen;
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.at.least(990);
  });

  for (const mode of ['unavailable', 'unavailable_billed', 'rate_limited', 'reset'] as const) {
    it(`goes to the backup after two calls, silently, when the primary is: ${mode}`, async () => {
      rig.primary.control({ mode });
      const asked = rig.ask();
      const answer = await asked.answer;
      expect(answer).to.include({ provider: 'backup', model: 'backup-model' });
      expect(answer.usage?.outputTokens).to.equal(TOKENS);
      expect(asked.shown).to.equal(answer.text);
      expect(asked).to.deep.include({ switches: ['backup'], restarts: 0 });
      expect(rig.primary.seen).to.have.length(2);
      expect(
        await rig.metric(`weir_llm_tokens_total{provider="backup",model="backup-model",direction="output"} ${TOKENS}`),
      ).to.equal(true);
      expect(await rig.metric('weir_llm_tokens_total{provider="primary"')).to.equal(false);
    });
  }

  for (const mode of ['silent', 'slow', 'stalled_before', 'unauthorized'] as const) {
    it(`goes to the backup at once and opens the primary when it is: ${mode}`, async () => {
      rig.primary.control({ mode });
      const asked = rig.ask();
      expect(await asked.answer).to.include({ provider: 'backup' });
      expect(asked.restarts).to.equal(0);
      expect(rig.models.board.active).to.equal('backup');
      await until(() => rig.primary.stats.active === 0, { timeoutMs: 5_000, what: 'the closed socket' });
    });
  }

  for (const mode of ['cut', 'stalled', 'malformed', 'unfinished', 'unfinished_done', 'stream_error'] as const) {
    it(`has what was shown discarded and starts clean on the backup when the primary is: ${mode}`, async () => {
      rig.primary.control({ mode });
      rig.backup.control({ mode: 'no_prefill' });
      const asked = rig.ask();
      const answer = await asked.answer;
      expect(answer).to.include({ provider: 'backup' });
      expect(answer.usage?.outputTokens).to.equal(TOKENS);
      expect(asked.shown).to.equal(answer.text);
      expect(asked).to.deep.include({ switches: ['backup'], restarts: 1 });
      expect(rig.backup.seen.map(({ roles }) => roles)).to.deep.equal([['user']]);
      await until(() => rig.primary.stats.active === 0, { timeoutMs: 5_000, what: 'the closed socket' });
    });
  }

  it('tells of the switch once, however often the backup has to be asked', async () => {
    rig.primary.control({ mode: 'unavailable' });
    rig.backup.control({ mode: 'error_once' });
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(rig.backup.seen).to.have.length(2);
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('fails with the last reason when both are down, within its time', async () => {
    rig.primary.control({ mode: 'unavailable' });
    rig.backup.control({ mode: 'reset' });
    const asked = rig.ask({ timeoutMs: 3_000 });
    const failure = await asked.failure();
    expect(failure).to.be.instanceOf(ModelFailure);
    expect(performance.now() - asked.begunAt).to.be.below(5_000);
  }).timeout(10_000);
});
