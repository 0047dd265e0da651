import { expect } from 'chai';
import { RouterRig } from '../../../../tests/support/worker/router-rig.ts';

describe('the router and calls that no repeat can help', () => {
  let rig: RouterRig;

  beforeEach(async () => {
    rig = await RouterRig.open();
  });
  afterEach(() => rig.close());

  it('asks the larger model of the same provider when the prompt is too long, and nobody twice', async () => {
    await rig.use({ ...rig.both, WEIR_LLM_PRIMARY_LARGE_MODEL: 'primary-large' });
    rig.primary.control({ mode: 'context_length' });
    expect(await rig.ask().answer).to.include({ provider: 'primary', model: 'primary-large' });
    expect(rig.primary.seen.map(({ model }) => model)).to.deep.equal(['primary-model', 'primary-large']);
  });

  it('asks the larger model of the other provider when the first has none', async () => {
    await rig.use({ ...rig.both, WEIR_LLM_BACKUP_LARGE_MODEL: 'backup-large' });
    rig.primary.control({ mode: 'context_length' });
    const asked = rig.ask();
    expect(await asked.answer).to.include({ provider: 'backup', model: 'backup-large' });
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('says that the prompt is too long when no model can read it', async () => {
    rig.primary.control({ mode: 'context_length' });
    expect(await rig.ask().failure()).to.include({ kind: 'context_too_long' });
    expect([rig.primary.seen.length, rig.backup.seen.length]).to.deep.equal([1, 0]);
  });

  for (const mode of ['content_filter', 'filtered_midway'] as const) {
    it(`neither repeats nor moves what was refused for its content: ${mode}`, async () => {
      rig.primary.control({ mode });
      expect(await rig.ask().failure()).to.include({ kind: 'content_filtered' });
      expect([rig.primary.seen.length, rig.backup.seen.length]).to.deep.equal([1, 0]);
      expect(rig.models.board.active).to.equal('primary');
    });
  }
});
