import { expect } from 'chai';
import { EVENT_SCHEMAS } from '../../../shared/protocol/events.ts';
import { CAPACITY_LEVELS, type CapacityLevel } from '../../../shared/workflow/capacity-level.ts';
import { levelFrames } from './level-frames.ts';

const state = (level: CapacityLevel) => ({ level, sequence: 1, since: 0, activeUsers: 20, maxUsers: 25 });
const types = (from: CapacityLevel, to: CapacityLevel): string[] =>
  levelFrames(from, state(to)).map(({ type }) => type);

describe('levelFrames', () => {
  it('says what a step between two levels means, and nothing where it means nothing', () => {
    expect(types('normal', 'elevated')).to.deep.equal(['CAPACITY_WARNING']);
    expect(types('normal', 'saturated')).to.deep.equal(['CAPACITY_WARNING']);
    expect(types('elevated', 'degraded')).to.deep.equal([]);
    expect(types('degraded', 'saturated')).to.deep.equal([]);
    expect(types('saturated', 'elevated')).to.deep.equal([]);
    expect(types('degraded', 'normal')).to.deep.equal(['CAPACITY_CLEARED']);
    for (const level of CAPACITY_LEVELS) expect(types(level, level)).to.deep.equal([]);
  });

  it('makes frames that fit the protocol', () => {
    for (const from of CAPACITY_LEVELS) {
      for (const to of CAPACITY_LEVELS) {
        for (const { type, text } of levelFrames(from, state(to))) EVENT_SCHEMAS[type].parse(JSON.parse(text).data);
      }
    }
  });
});
