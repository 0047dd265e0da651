import { expect } from 'chai';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { calmState, observation, standing } from '../../../tests/support/api/observations.ts';
import { conditionsOf, type Observation } from './conditions.ts';

const NOW = 1_700_000_000_000;
const causes = (seen: Observation) => conditionsOf(seen).map(({ cause }) => cause);
const only = (seen: Observation) => {
  const found = conditionsOf(seen);
  expect(found).to.have.length(1);
  return found[0];
};
const level = (name: 'elevated' | 'degraded' | 'saturated') => ({
  ...calmState().level,
  level: name,
  since: NOW - 5_000,
});

describe('what is wrong', () => {
  it('is nothing while all is well, during a rebuild, and in high demand that is no more than that', () => {
    expect(causes(observation())).to.deep.equal([]);
    expect(causes(observation({ state: null, parts: { postgres: 'up', redis: 'rebuilding' } }))).to.deep.equal([]);
    expect(causes(observation({}, { level: level('elevated') }))).to.deep.equal([]);
  });

  it('is a part that does not answer, each for itself', () => {
    const down = observation({ state: null, parts: { postgres: 'down', redis: 'down' } });
    expect(causes(down)).to.deep.equal(['component:postgres', 'component:redis']);
    expect(conditionsOf(down).map(({ impact }) => impact)).to.deep.equal(['critical', 'major']);
    expect(causes(observation({}, { leader: null }))).to.deep.equal(['leader:missing']);
    expect(causes(observation({}, { replicas: [] }))).to.deep.equal(['component:workers']);
    expect(conditionsOf(down).every(({ estimate }) => estimate === null)).to.equal(true);
  });

  it('is another provider than the primary, unless an administrator wants it so', () => {
    const providers = [standing('primary', { state: 'open' }), standing('backup', { active: true })];
    expect(only(observation({ providers }))).to.include({
      cause: 'provider:switched',
      lastingMs: 0,
      message: TEXTS.providerSwitched,
    });
    expect(causes(observation({ providers, forcedProvider: 'backup' }))).to.deep.equal([]);
    expect(
      causes(observation({ providers: [standing('primary', { active: true }), standing('backup')] })),
    ).to.deep.equal([]);
    expect(causes(observation({ providers: [standing('primary'), standing('backup')] }))).to.deep.equal([
      'component:models',
    ]);
  });

  it('is expected to end when the provider is asked again; of an old trouble that is less sure, of a probe that is due not known', () => {
    const estimate = (ageMs: number, probeInMs: number) => {
      const primary = standing('primary', {
        state: 'open',
        since: new Date(NOW - ageMs),
        nextProbeAt: new Date(NOW + probeInMs),
      });
      return only(observation({ now: NOW, providers: [primary, standing('backup', { active: true })] }))?.estimate;
    };
    expect(estimate(30_000, 30_000)).to.deep.equal({ at: new Date(NOW + 30_000), confidence: 'medium' });
    expect(estimate(600_000, 30_000)).to.deep.equal({ at: new Date(NOW + 30_000), confidence: 'low' });
    expect(estimate(30_000, -1)).to.equal(null);
  });

  it('is a degraded level once it has lasted a minute, and ends, perhaps, when the queue is empty', () => {
    for (const name of ['degraded', 'saturated'] as const) {
      const found = only(observation({ now: NOW }, { level: level(name), queueLength: 2 }));
      expect(found).to.include({ cause: 'level:degraded', lastingMs: 60_000, since: NOW - 5_000 });
      expect(found?.estimate).to.deep.equal({ at: new Date(NOW + 8_000), confidence: 'low' });
    }
    expect(only(observation({}, { level: level('degraded') }))?.estimate).to.equal(null);
    expect(only(observation({}, { level: level('degraded'), queueLength: 2, estimate: null }))?.estimate).to.equal(
      null,
    );
  });
});
