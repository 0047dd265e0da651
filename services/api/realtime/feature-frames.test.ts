import { expect } from 'chai';
import { EVENT_SCHEMAS } from '../../../shared/protocol/events.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { COMFORTS, type Comfort } from '../../../shared/workflow/capacity-level.ts';
import { featureFrames } from './feature-frames.ts';

const features = (off: readonly Comfort[], forced: readonly Comfort[] = []) =>
  COMFORTS.map((feature) => ({
    feature,
    enabled: !off.includes(feature),
    forced: forced.includes(feature) ? { state: 'off' as const, until: null, by: 'root' } : null,
  }));
const frames = (told: readonly Comfort[], off: readonly Comfort[], forced: readonly Comfort[] = []) =>
  featureFrames(told, features(off, forced)).map(({ type, text }) => {
    const { data } = JSON.parse(text);
    EVENT_SCHEMAS[type].parse(data);
    return [type, data.disabled ?? data.enabled, data.message];
  });

describe('featureFrames', () => {
  it('names all that is off, in the order in which it is shed, and all that is back, the other way round', () => {
    expect(frames([], COMFORTS)).to.deep.equal([
      ['DEGRADED_MODE_ACTIVE', ['read_receipts', 'presence', 'typing'], TEXTS.degraded],
    ]);
    expect(frames(COMFORTS, [])).to.deep.equal([
      ['DEGRADED_MODE_CLEARED', ['typing', 'presence', 'read_receipts'], TEXTS.degradedCleared],
    ]);
  });

  it('says nothing to those who know', () => {
    expect(frames([], [])).to.deep.equal([]);
    expect(frames(COMFORTS, COMFORTS)).to.deep.equal([]);
  });

  it('does not speak of high demand when an administrator has switched something off, nor of all when only some is back', () => {
    expect(frames([], ['typing'], ['typing'])).to.deep.equal([
      ['DEGRADED_MODE_ACTIVE', ['typing'], TEXTS.degradedForced],
    ]);
    expect(frames(COMFORTS, ['typing'], ['typing'])).to.deep.equal([
      ['DEGRADED_MODE_CLEARED', ['presence', 'read_receipts'], TEXTS.degradedPartly],
    ]);
    expect(frames(['typing'], ['presence'], ['presence'])).to.deep.equal([
      ['DEGRADED_MODE_CLEARED', ['typing'], TEXTS.degradedPartly],
      ['DEGRADED_MODE_ACTIVE', ['presence'], TEXTS.degradedForced],
    ]);
  });
});
