import { expect } from 'chai';
import { TEXTS } from '../../shared/protocol/texts.ts';
import { ProviderStage, TOKENS, type WatchedRun } from '../support/providers/provider-stage.ts';
import { until } from '../support/until.ts';
import { SURVIVED_FAULTS } from './survived-faults.ts';

describe('sixteen faults of a model provider, through a whole run', function () {
  this.timeout(60_000);
  let stage: ProviderStage;

  before(async function () {
    this.timeout(120_000);
    stage = await ProviderStage.open();
  });
  afterEach(() => stage.mend());
  after(() => stage.close());

  const usageOf = ({ run }: WatchedRun) => (run.steps?.[0]?.usage ?? null) as Record<string, unknown> | null;

  for (const { what, primary, backup = 'ok', answeredBy, calls, restarts } of SURVIVED_FAULTS) {
    it(`${what}: the whole answer from the ${answeredBy}`, async () => {
      await Promise.all([stage.providers.set('primary', primary), stage.providers.set('backup', { mode: backup })]);
      const begunAt = Date.now();
      const billed = () => stage.metric('weir_llm_tokens_total', ['provider="primary"']);
      const billedBefore = await billed();
      const watched = await stage.watch();
      expect(watched.run.status).to.equal('succeeded');
      expect(usageOf(watched)).to.include({ provider: answeredBy, finish_reason: 'stop', output_tokens: TOKENS });
      expect(String(watched.run.result).split(' ')).to.have.length(TOKENS);
      expect(watched.shown).to.equal(watched.run.result);
      expect(watched.restarts).to.equal(restarts);
      expect(watched.switched).to.deep.equal(answeredBy === 'backup' ? [TEXTS.providerSwitched] : []);
      const onPrimary = await stage.providers.calls('primary', begunAt);
      expect(onPrimary.length).to.be.within(answeredBy === 'primary' ? calls : 1, calls);
      expect(onPrimary.every(({ roles }) => roles.at(-1) === 'user')).to.equal(true);
      // What a provider said before it failed is on nobody's bill.
      if (answeredBy === 'backup') {
        expect(usageOf(watched)).to.include({ model: 'sim-backup' });
        expect(await billed()).to.equal(billedBefore);
      }
      await until(async () => (await stage.providers.read('primary')).stats.active === 0, {
        timeoutMs: 5_000,
        what: 'the closed connection of the losing call',
      });
    });
  }

  it('1: Retry-After is kept', async () => {
    await stage.providers.set('primary', { mode: 'rate_limited_once' });
    const begunAt = Date.now();
    await stage.watch();
    const [first, second] = await stage.providers.calls('primary', begunAt);
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.within(990, 5_000);
  });

  it('2: a provider that limits us is not hammered by twenty runs', async () => {
    await stage.providers.set('primary', { mode: 'rate_limited' });
    const begunAt = Date.now();
    const runs = await Promise.all(Array.from({ length: 20 }, () => stage.watch()));
    expect(runs.map(({ run }) => run.status)).to.deep.equal(Array(20).fill('succeeded'));
    expect((await stage.providers.calls('primary', begunAt)).length).to.be.below(41);
  });

  it('12: a prompt that is too long for a model is not put to it twice', async () => {
    await stage.providers.set('primary', { mode: 'context_length' });
    const begunAt = Date.now();
    const watched = await stage.watch();
    const calls = await stage.providers.calls('primary', begunAt);
    expect(calls.map(({ model }) => model)).to.deep.equal(['sim-primary', 'sim-primary-large']);
    expect(usageOf(watched)).to.include({ model: 'sim-primary-large' });
  });

  for (const mode of ['content_filter', 'filtered_midway'] as const) {
    it(`13: refused content (${mode}) is not tried again; the owner reads why`, async () => {
      await stage.providers.set('primary', { mode });
      const begunAt = Date.now();
      const { run, switched } = await stage.watch();
      expect(run).to.deep.include({ status: 'failed', result: null });
      expect(run.error).to.include({ code: 'llm_rejected', step: 'ask' });
      expect(run.error?.reason).to.match(/refused the content/);
      if (mode === 'content_filter') expect(run.error?.reason).to.match(/content management policy/);
      expect(switched).to.deep.equal([]);
      expect(await stage.providers.calls('primary', begunAt)).to.have.length(1);
      expect(await stage.providers.calls('backup', begunAt)).to.have.length(0);
    });
  }

  it('15: down for a while, then healthy, under twenty runs: the backup serves, one probe at a time, back to the primary', async () => {
    // Down for as long as twenty runs take here.
    await stage.providers.set('primary', { mode: 'outage', outage_ms: 600_000 });
    const begunAt = Date.now();
    const runs = await Promise.all(Array.from({ length: 20 }, () => stage.watch()));
    for (const watched of runs) {
      expect(usageOf(watched)).to.include({ provider: 'backup', output_tokens: TOKENS });
      expect(watched.shown).to.equal(watched.run.result);
    }
    expect((await stage.stage.admin.api().providers()).active).to.equal('backup');
    await until(async () => (await stage.providers.probes('primary', begunAt)).length > 1, {
      timeoutMs: 20_000,
      what: 'a second probe',
    });
    await stage.providers.set('primary', { mode: 'ok' });
    await until(async () => usageOf(await stage.watch())?.provider === 'primary', {
      timeoutMs: 20_000,
      what: 'the primary to answer again',
    });
    const probes = await stage.providers.probes('primary', begunAt);
    const apart = probes.slice(1).map((probe, index) => probe.at - (probes[index]?.at ?? 0));
    for (const ms of apart) expect(ms).to.be.at.least(1_900);
  });

  it('never calls a broken answer a success, whatever breaks, and ends in time', async () => {
    for (const mode of ['cut', 'malformed', 'unfinished', 'stream_error'] as const) {
      await Promise.all([stage.providers.set('primary', { mode }), stage.providers.set('backup', { mode })]);
      const begunAt = Date.now();
      const { run, shown } = await stage.watch({ timeout_seconds: 4 });
      expect(run.status, mode).to.equal('failed');
      expect(run.result, mode).to.equal(null);
      expect(shown, mode).to.equal('');
      expect(run.error?.code, mode).to.match(/^llm_/);
      expect(Date.now() - begunAt, mode).to.be.below(8_000);
    }
  });
});
