import { expect } from 'chai';
import type { EventFrame } from '../events.ts';
import { type Position, StreamPosition } from './stream-position.ts';

const snapshot = (position?: Position): EventFrame => ({
  type: 'SNAPSHOT',
  at: '',
  data: {
    recovered: false,
    replica: 'r',
    user_id: 'u',
    runs: [],
    capacity: null,
    features: { disabled: [] },
    provider: { active: null },
  },
  ...position,
});
const event = (epoch: string, offset: number): EventFrame => ({
  type: 'WORKFLOW_CANCELLED',
  at: '',
  data: { message: '', run_id: '1', workflow_id: '2', workflow_name: 'n' },
  epoch,
  offset,
});
const live: EventFrame = { type: 'HEARTBEAT', at: '', data: {} };

describe('StreamPosition', () => {
  it('delivers a stream in order and drops what was seen before', () => {
    const position = new StreamPosition();
    expect(position.arrive(snapshot({ epoch: 'e', offset: 4 }))).to.equal('deliver');
    expect([5, 6, 5, 4, 7].map((offset) => position.arrive(event('e', offset)))).to.deep.equal([
      'deliver',
      'deliver',
      'repeat',
      'repeat',
      'deliver',
    ]);
    expect(position.value).to.deep.equal({ epoch: 'e', offset: 7 });
  });

  it('reports a missing frame and another stream, and stays where it is', () => {
    const position = new StreamPosition({ epoch: 'e', offset: 4 });
    expect(position.arrive(event('e', 6))).to.equal('gap');
    expect(position.arrive(event('f', 5))).to.equal('gap');
    expect(position.value).to.deep.equal({ epoch: 'e', offset: 4 });
    expect(new StreamPosition().arrive(event('e', 1))).to.equal('gap');
  });

  it('starts again where a snapshot says, and is not moved by frames outside the stream', () => {
    const position = new StreamPosition({ epoch: 'e', offset: 4 });
    expect(position.arrive(live)).to.equal('deliver');
    expect(position.arrive(snapshot())).to.equal('deliver');
    expect(position.value).to.deep.equal({ epoch: 'e', offset: 4 });
    position.arrive(snapshot({ epoch: 'f', offset: 0 }));
    expect(position.arrive(event('f', 1))).to.equal('deliver');
  });
});
