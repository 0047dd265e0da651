import { expect } from 'chai';
import { LATENCY_BUCKETS } from '../../../shared/observability/metrics/buckets.ts';
import { MAX_HISTORY_POINTS } from '../../../shared/protocol/http.ts';
import { DatabaseRig } from '../../../tests/support/db/database-rig.ts';
import { quietSample } from '../../../tests/support/sample.ts';
import { History } from './history.ts';
import { chooseStep, RESOLUTIONS } from './resolutions.ts';
import { thin } from './thinning.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Full hour, so that slots of all resolutions begin here. */
const NOW = Math.floor(1_700_000_000_000 / HOUR) * HOUR;

describe('history', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  const every = (stepMs: number, from: number, to: number, but: Parameters<typeof quietSample>[1] = {}) =>
    Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, n) => quietSample(from + n * stepMs, but));
  const iso = (at: number) => new Date(at).toISOString();

  it('is of the asked range in the asked step, with percentiles and errors of all requests in it', async () => {
    const one = { requests: 4, errors: 1, latency: [2, 0, 0, 2], started: 1, level: 1 };
    await rig.db.samples.store(every(5_000, NOW - 120_000, NOW, one));
    const history = new History(rig.db.samples);
    const answer = await history.read({ from: iso(NOW - 60_000), to: iso(NOW), step: 20 }, NOW);
    expect(answer.step_seconds).to.equal(20);
    expect(answer.points.map(({ at }) => at)).to.deep.equal([iso(NOW - 60_000), iso(NOW - 40_000), iso(NOW - 20_000)]);
    expect(answer.points[0]).to.deep.include({
      requests: 16,
      started: 4,
      error_ratio: 0.25,
      level: 'elevated',
      users: 3,
      p50_ms: 1,
    });
    expect(answer.points[0]?.p99_ms).to.be.within(5, 10);
  });

  it('never has more than 1,000 points, however long the range and short the step', async () => {
    for (const range of [HOUR, 5 * HOUR, DAY, 10 * DAY, 40 * DAY, 90 * DAY, 700 * DAY]) {
      const { seconds, resolution } = chooseStep(
        { from: NOW - range, to: NOW, wanted: 5, now: NOW },
        MAX_HISTORY_POINTS,
      );
      expect(range / 1_000 / seconds, `${range}`).to.be.below(MAX_HISTORY_POINTS);
      expect(seconds % resolution, `${range}`).to.equal(0);
      expect(RESOLUTIONS.find((one) => one.seconds === resolution)?.keptFor ?? 0).to.be.at.least(range / 1_000);
    }
    await rig.db.samples.store(every(5_000, NOW - 3 * HOUR, NOW));
    const answer = await new History(rig.db.samples).read(
      { from: iso(NOW - 3 * HOUR + 1), to: iso(NOW), step: 5 },
      NOW,
    );
    expect(answer.points.length).to.be.within(500, MAX_HISTORY_POINTS);
  });

  it('leaves out what nobody wrote down, and begins an hour ago unless told', async () => {
    await rig.db.samples.store([quietSample(NOW - 2 * HOUR), quietSample(NOW - 50_000), quietSample(NOW - 10_000)]);
    const { points, step_seconds } = await new History(rig.db.samples).read({}, NOW);
    expect(step_seconds).to.equal(5);
    expect(points.map(({ at }) => at)).to.deep.equal([iso(NOW - 50_000), iso(NOW - 10_000)]);
  });

  it('is thinned by age: made coarser once, whoever does it, and old fine samples go', async () => {
    const { samples } = rig.db;
    await samples.store(
      every(5_000, NOW - DAY - 10 * 60_000, NOW - DAY + 10 * 60_000, { started: 1, latency: [1, 1] }),
    );
    await Promise.all([thin(samples, NOW), thin(rig.another().samples, NOW)]);
    const minutes = await samples.read(60, new Date(0), new Date(NOW), 1_000);
    expect(minutes).to.have.length(20);
    expect(minutes.every(({ started, seconds }) => started === 12 && seconds === 60)).to.equal(true);
    expect(minutes[0]?.latency).to.deep.equal([12, 12]);
    const coarser = await samples.read(300, new Date(0), new Date(NOW), 1_000);
    expect(coarser.map(({ started }) => started)).to.deep.equal([60, 60, 60, 60]);
    expect((await samples.edges(5))?.first.getTime()).to.equal(NOW - DAY);
    // Nothing is lost for somebody who looks further back than the fine ones go.
    const { points } = await new History(samples).read({ from: iso(NOW - DAY - 15 * 60_000), to: iso(NOW - DAY) }, NOW);
    expect(points.reduce((sum, { started }) => sum + started, 0)).to.equal(120);
  });

  it('is not made coarser before everybody had time to bring what was missing, and shows the newest all the same', async () => {
    const { samples } = rig.db;
    await samples.store(every(5_000, NOW - 120_000, NOW, { started: 1 }));
    await thin(samples, NOW + 29_000);
    expect((await samples.edges(60))?.last.getTime()).to.equal(NOW - 120_000);
    const { points } = await new History(samples).read({ from: iso(NOW - 120_000), to: iso(NOW), step: 60 }, NOW);
    expect(points.map(({ started }) => started)).to.deep.equal([12, 12]);
  });

  it('is made coarser in one go across gaps and batches', async () => {
    const { samples } = rig.db;
    await samples.store([quietSample(NOW - 500 * DAY), ...every(5_000, NOW - 4 * HOUR, NOW - HOUR, { started: 1 })]);
    await thin(samples, NOW);
    const minutes = await samples.read(60, new Date(0), new Date(NOW), 1_000);
    expect(minutes).to.have.length(180);
    expect(minutes.every(({ started }) => started === 12)).to.equal(true);
    expect((await samples.read(3_600, new Date(0), new Date(NOW), 10)).map(({ started }) => started)).to.deep.equal([
      0, 720, 720, 720,
    ]);
  });

  it('merges the latency of a day of samples exactly', async () => {
    const { samples } = rig.db;
    const slow = LATENCY_BUCKETS.map((_, index) => (index === 9 ? 1 : 0));
    await samples.store([
      ...every(5_000, NOW - HOUR, NOW - 5_000, { requests: 1, latency: [1] }),
      quietSample(NOW - 5_000, { requests: 1, latency: slow }),
    ]);
    const { points } = await new History(samples).read({ from: iso(NOW - HOUR), to: iso(NOW), step: 3_600 }, NOW);
    expect(points[0]?.requests).to.equal(720);
    expect(points[0]?.p99_ms).to.equal(1);
  });
});
