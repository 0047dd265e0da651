import { expect } from 'chai';
import { DatabaseRig } from '../../../tests/support/db/database-rig.ts';
import { quietSample } from '../../../tests/support/sample.ts';
import { Uptime } from './uptime.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TODAY = Math.floor(1_700_000_000_000 / DAY) * DAY;
const NOW = TODAY + 12 * HOUR;
const POSTGRES_DOWN = [0, 360, 0, 0, 0, 0];

describe('uptime', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  const hour = (at: number, but: Parameters<typeof quietSample>[1] = {}) =>
    quietSample(at, { resolution: 3_600, seconds: 3_600, ...but });
  const load = async () => {
    const answer = await new Uptime(rig.db.samples).load(NOW);
    const of = (name: string) => answer.components.find((component) => component.name === name);
    return { answer, api: of('api'), postgres: of('postgres') };
  };

  it('is a bar for every day, today last; days nobody knows of are not called good', async () => {
    const { answer, postgres } = await load();
    expect(answer.components).to.have.length(6);
    expect(postgres?.days).to.have.length(90);
    expect(postgres?.days.at(-1)).to.deep.equal({
      date: '2023-11-14',
      uptime_ratio: null,
      down_seconds: 0,
      degraded_seconds: 0,
      known_seconds: 0,
    });
    expect(postgres?.uptime_ratio).to.equal(null);
  });

  it('is the share of the known time in which the component was not down', async () => {
    const hours = Array.from({ length: 36 }, (_, n) => hour(TODAY - DAY + n * HOUR));
    hours[0] = hour(TODAY - DAY, { down: POSTGRES_DOWN, degraded: [0, 100, 0, 0, 0, 0] });
    await rig.db.samples.store(hours);
    const { postgres, api } = await load();
    expect(postgres?.days.at(-2)).to.include({ down_seconds: 360, degraded_seconds: 100, known_seconds: 86_400 });
    expect(postgres?.days.at(-2)?.uptime_ratio).to.be.closeTo(1 - 360 / 86_400, 1e-9);
    expect(postgres?.days.at(-1)).to.include({ uptime_ratio: 1, known_seconds: 43_200 });
    expect(postgres?.uptime_ratio).to.be.closeTo(1 - 360 / 129_600, 1e-9);
    expect(api?.uptime_ratio).to.equal(1);
  });

  it('counts time in which nobody wrote samples against the api, and says nothing about the others', async () => {
    await rig.db.samples.store([
      hour(TODAY - DAY + 10 * HOUR, { seconds: 1_800 }),
      hour(TODAY - DAY + 11 * HOUR),
      hour(TODAY, {}),
    ]);
    const { postgres, api } = await load();
    expect(postgres?.days.at(-2)).to.include({ uptime_ratio: 1, known_seconds: 5_400 });
    expect(api?.days.at(-2)).to.include({ down_seconds: 12 * 3_600, known_seconds: 5_400 + 12 * 3_600 });
    expect(api?.days.at(-1)).to.include({ down_seconds: 0, known_seconds: 3_600 });
  });

  it('includes the last minutes, of which there are only fine samples yet', async () => {
    await rig.db.samples.store([hour(NOW - HOUR), quietSample(NOW, { down: [0, 5, 0, 0, 0, 0] })]);
    const { postgres } = await load();
    expect(postgres?.days.at(-1)).to.include({ down_seconds: 0, known_seconds: 3_600 });
    const later = await new Uptime(rig.db.samples).load(NOW + 10_000);
    expect(later.components[1]?.days.at(-1)).to.include({ down_seconds: 5, known_seconds: 3_605 });
  });

  it('is shortened to the days asked for', async () => {
    const uptime = new Uptime(rig.db.samples);
    expect((await uptime.read(7)).components[0]?.days).to.have.length(7);
    expect((await uptime.read()).components[0]?.days).to.have.length(90);
  });
});
