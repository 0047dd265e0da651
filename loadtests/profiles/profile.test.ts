import { expect } from 'chai';
import fc from 'fast-check';
import { artilleryScripts } from './artillery-script.ts';
import { durationOf, mostUsers, type Profile, placeOf, scaled } from './profile.ts';
import { isProfile, PROFILES } from './profiles.ts';

describe('load profiles', () => {
  it('are those of the documents: users at the top and seconds in all', () => {
    const shapes = Object.entries<Profile>(PROFILES).map(([name, profile]) => [
      name,
      mostUsers(profile),
      durationOf(profile),
    ]);
    expect(shapes).to.deep.equal([
      ['smoke', 5, 30],
      ['baseline', 100, 300],
      ['normal', 500, 600],
      ['peak', 1_000, 900],
      ['stress', 2_000, 310],
      ['spike', 1_000, 605],
      ['soak', 500, 1_800],
      ['reconnect-storm', 500, 200],
      ['chat', 50, 300],
      ['websocket', 1_000, 300],
    ]);
  });

  it('a spike is 100, then 1,000 for two minutes, then 100 again, three times', () => {
    const { waves } = PROFILES.spike;
    expect(waves.map(({ users }) => users)).to.deep.equal([100, 900, 900, 900]);
    for (const wave of waves.slice(1)) expect(wave.leaveAt - wave.at).to.equal(120);
  });

  it('keep their shape at every scale: waves in order, everybody stays a while, nobody arrives in no time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values<Profile>(PROFILES)),
        fc.double({ min: 0.001, max: 2, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 5_000 })),
        (profile, timeScale, users) => {
          const { waves } = scaled(profile, timeScale, users);
          expect(waves).to.have.length(profile.waves.length);
          waves.forEach((wave, n) => {
            expect(wave.users).to.be.at.least(1);
            expect(wave.arriveOver).to.be.at.least(1);
            expect(wave.leaveAt).to.be.greaterThan(wave.at + wave.arriveOver - 1);
            const next = waves[n + 1];
            if (next !== undefined) expect(next.at).to.be.at.least(wave.at + wave.arriveOver);
          });
        },
      ),
    );
  });

  it('at a tenth of the time take a tenth of it, with as many users', () => {
    const short = scaled(PROFILES.peak, 0.1, null);
    expect([mostUsers(short), durationOf(short)]).to.deep.equal([1_000, 91]);
    expect(scaled(PROFILES['reconnect-storm'], 0.1, 50).storms).to.deep.equal([6, 10.5, 15]);
    expect(mostUsers(scaled(PROFILES.spike, 1, 200))).to.equal(200);
  });

  it('tell artillery who arrives when: pauses between waves, and as many arrivals as users', () => {
    const [only] = artilleryScripts(scaled(PROFILES.spike, 0.1, 100), 'http://127.0.0.1:1', 1);
    expect(only?.config.phases).to.deep.equal([
      { name: 'wave 1', duration: 3, arrivalCount: 10 },
      { name: 'before wave 2', pause: 3 },
      { name: 'wave 2', duration: 1, arrivalCount: 90 },
      { name: 'before wave 3', pause: 17 },
      { name: 'wave 3', duration: 1, arrivalCount: 90 },
      { name: 'before wave 4', pause: 17 },
      { name: 'wave 4', duration: 1, arrivalCount: 90 },
    ]);
  });

  it('are shared between players so that everybody arrives once, at the same time as with one player', () => {
    const profile = scaled(PROFILES.stress, 0.1, 23);
    for (const players of [1, 2, 3, 5]) {
      const scripts = artilleryScripts(profile, 'http://127.0.0.1:1', players);
      const phases = scripts.map(({ config }) => config.phases);
      const seconds = (each: (typeof phases)[number]) =>
        each.map((phase) => ('pause' in phase ? phase.pause : phase.duration));
      for (const each of phases) expect(seconds(each)).to.deep.equal(seconds(phases[0] ?? []));
      const arrivals = phases.map((each) =>
        each.reduce((sum, phase) => sum + ('pause' in phase ? 0 : phase.arrivalCount), 0),
      );
      expect(arrivals.reduce((sum, count) => sum + count, 0)).to.equal(
        profile.waves.reduce((sum, { users }) => sum + users, 0),
      );
      expect(phases.flat().every((phase) => 'pause' in phase || phase.arrivalCount > 0)).to.equal(true);
    }
  });

  it('know to which wave everybody belongs, also who comes late', () => {
    const [base, first, second] = PROFILES.spike.waves;
    expect(placeOf(PROFILES.spike, 0)).to.deep.equal({ wave: base, index: 0 });
    expect(placeOf(PROFILES.spike, 99)).to.deep.equal({ wave: base, index: 99 });
    expect(placeOf(PROFILES.spike, 100)).to.deep.equal({ wave: first, index: 0 });
    expect(placeOf(PROFILES.spike, 1_001)).to.deep.equal({ wave: second, index: 1 });
    expect(() => placeOf(PROFILES.spike, 2_800)).to.throw('nobody after number 2799');
  });

  it('have names, and nothing else is one', () => {
    expect(isProfile('soak')).to.equal(true);
    expect(isProfile('toString')).to.equal(false);
  });
});
