import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import { RouterRig } from '../../../../tests/support/worker/router-rig.ts';

describe('the router while providers open and close', () => {
  let rig: RouterRig;

  beforeEach(async () => {
    rig = await RouterRig.open();
  });
  afterEach(() => rig.close());

  it('sends everybody to the backup without a try while the primary is open', async () => {
    rig.primary.control({ mode: 'silent' });
    await rig.ask().answer;
    const calls = rig.primary.stats.requests;
    const later = Array.from({ length: 10 }, () => rig.ask());
    for (const asked of later) {
      expect(await asked.answer).to.include({ provider: 'backup' });
      expect(asked.switches).to.deep.equal(['backup']);
    }
    expect(rig.primary.stats.requests - calls).to.be.at.most(1);
  });

  it('moves calls that wait for their first token in the moment the primary is found to be down', async () => {
    rig.primary.control({ mode: 'silent' });
    await rig.use({ ...rig.both, WEIR_LLM_FIRST_CONTENT_SECONDS: '20' });
    const waiting = Array.from({ length: 20 }, () => rig.ask());
    await until(() => rig.primary.stats.active === 20, { timeoutMs: 5_000, what: 'twenty calls under way' });
    const openedAt = performance.now();
    await rig.store.providers.open('primary', { reason: 'slow', by: 'another replica', openMs: 60_000 });
    for (const asked of waiting) expect(await asked.answer).to.include({ provider: 'backup' });
    expect(performance.now() - openedAt).to.be.below(5_000);
    expect(waiting.map(({ restarts }) => restarts)).to.deep.equal(Array(20).fill(0));
    await until(() => rig.primary.stats.active === 0, { timeoutMs: 5_000, what: 'closed sockets' });
  });

  it('moves a call that hangs on a provider found to be down as soon as another one is well again', async () => {
    rig.primary.control({ mode: 'silent' });
    await rig.use({ ...rig.both, WEIR_LLM_FIRST_CONTENT_SECONDS: '20' });
    const { opening } = await rig.store.providers.open('backup', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => rig.models.board.standings()[1]?.state === 'open', {
      timeoutMs: 5_000,
      what: 'the backup to be open',
    });
    const asked = rig.ask();
    await until(() => rig.primary.stats.active === 1, { timeoutMs: 5_000, what: 'the hanging call' });
    await rig.store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => rig.models.board.active === null, { timeoutMs: 5_000, what: 'nobody to be asked' });
    await rig.store.providers.close('backup', opening);
    expect(await asked.answer).to.include({ provider: 'backup' });
  });

  it('does not wait out a pause for a provider that is found to be down meanwhile', async () => {
    rig.primary.control({ mode: 'rate_limited_once', retry_after_seconds: 8 });
    const asked = rig.ask();
    await until(() => rig.primary.seen.length === 1 && rig.primary.stats.active === 0, {
      timeoutMs: 5_000,
      what: 'the refusal',
    });
    await rig.store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(performance.now() - asked.begunAt, 'ms, of the 8 s it would wait').to.be.below(6_000);
  });

  it('lets a call that has its first token go on when its provider opens', async () => {
    rig.primary.control({ mode: 'ok', tokens_per_second: 100 });
    const asked = rig.ask();
    await until(() => asked.sent.length > 0, { timeoutMs: 5_000, what: 'the first text' });
    await rig.store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => rig.models.board.active === 'backup', { timeoutMs: 5_000, what: 'the opening' });
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(asked).to.deep.include({ restarts: 0, switches: [] });
  });

  it('goes back to the primary when the backup fails twice and the primary is well again', async () => {
    rig.primary.control({ mode: 'unavailable' });
    rig.backup.control({ mode: 'unavailable' });
    const asked = rig.ask();
    await until(() => rig.backup.seen.length > 0, { timeoutMs: 5_000, what: 'the backup to be asked' });
    rig.primary.control({ mode: 'ok' });
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(rig.backup.seen.length).to.be.at.least(2);
  });

  it('comes back to the primary when the probe finds it well', async () => {
    rig.primary.control({ mode: 'outage', outage_ms: 1_500 });
    expect(await rig.ask().answer).to.include({ provider: 'backup' });
    await rig.ask().answer;
    await until(async () => (await rig.ask().answer).provider === 'primary', { timeoutMs: 5_000, what: 'the primary' });
  });

  it('asks the provider an administrator forces', async () => {
    await rig.store.providers.force('backup');
    await until(() => rig.models.board.active === 'backup', { timeoutMs: 5_000, what: 'the forced provider' });
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('remembers whom to tell when the primary is back', async () => {
    await rig.store.providers.force('backup');
    await until(() => rig.models.board.active === 'backup', { timeoutMs: 5_000, what: 'the forced provider' });
    await rig.ask().answer;
    await until(async () => (await rig.store.providers.takeSwitched(1))[0] === 'ann', {
      timeoutMs: 5_000,
      what: 'ann',
    });
  });
});
