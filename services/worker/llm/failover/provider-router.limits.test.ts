import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import { RouterRig } from '../../../../tests/support/worker/router-rig.ts';

describe('the router and what calls may take', () => {
  let rig: RouterRig;

  beforeEach(async () => {
    rig = await RouterRig.open();
  });
  afterEach(() => rig.close());

  it('goes to the backup instead of repeating when the budget of the cluster is used up', async () => {
    // Calls that have ended are no base for a share.
    for (let call = 0; call < 20; call++) await rig.ask().answer;
    rig.primary.seen.splice(0);
    for (const token of ['a', 'b', 'c'])
      await rig.store.providers.takeRetry({ replica: 'other', activeCalls: 1, token, leaseMs: 60_000 });
    rig.primary.control({ mode: 'error_once' });
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(rig.primary.seen).to.have.length(1);
    expect(await rig.metric('weir_llm_retries_total{provider="primary",outcome="denied"} 1')).to.equal(true);
  });

  it('gives its places in the budget back', async () => {
    for (let round = 0; round < 5; round++) {
      rig.primary.control({ mode: 'error_once' });
      expect(await rig.ask().answer).to.include({ provider: 'primary' });
    }
  }).timeout(15_000);

  it('keeps the concurrency limit, in order of arrival', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `c-${n}`);
    for (const limit of [2, 1]) {
      await rig.use({ ...rig.primaryAlone, WEIR_LLM_PRIMARY_MAX_CONCURRENCY: String(limit) });
      rig.primary.control({ mode: 'ok', tokens: 5, tokens_per_second: 100 });
      rig.primary.seen.splice(0);
      await Promise.all(ids.map((correlationId) => rig.ask({ request: { correlationId } }).answer));
      expect(rig.primary.stats.most_active).to.equal(limit);
    }
    expect(rig.primary.seen.map((seen) => seen.correlation_id)).to.deep.equal(ids);
  });

  it('spaces calls by the rate limit', async () => {
    await rig.use({ ...rig.primaryAlone, WEIR_LLM_PRIMARY_REQUESTS_PER_MINUTE: '120' });
    await Promise.all([1, 2, 3, 4].map(() => rig.ask().answer));
    const times = rig.primary.seen.map(({ at }) => at);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).to.be.at.least(900);
  }).timeout(10_000);

  it('ends at once wherever it waits when its run is aborted, and leaves nothing behind', async () => {
    rig.primary.control({ mode: 'unavailable' });
    await rig.use(rig.primaryAlone);
    const run = new AbortController();
    const asked = rig.ask({ run });
    await until(() => rig.models.board.active === null, { timeoutMs: 5_000, what: 'nobody to be asked' });
    const reason = new Error('cancelled');
    const abortedAt = performance.now();
    run.abort(reason);
    expect(await asked.answer.catch((error: unknown) => error)).to.equal(reason);
    expect(performance.now() - abortedAt, 'ms, of the 20 s it would wait').to.be.below(5_000);
    expect(await rig.metric('weir_llm_calls_in_flight{provider="primary"} 0')).to.equal(true);
  }).timeout(10_000);
});
