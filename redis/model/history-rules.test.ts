import { expect } from 'chai';
import type { LevelState } from '../results.ts';
import { type Event, HistoryRules } from './history-rules.ts';
import { NOW, sound } from './sound-state.ts';

describe('the rules over time', () => {
  /** The leader dequeues, and this many runs start. */
  const dequeues = (starts: number): Partial<Event> => ({
    dequeued: {
      kind: 'dequeued',
      granted: Array.from({ length: starts }, () => ({ runId: 'run-1', userId: 'ann' })),
      expired: [],
      queueLength: 1,
      freeSlots: 0,
      nextInMs: 1,
    },
  });
  const level = (sequence: number, activeUsers: number): LevelState => ({
    level: 'normal',
    sequence,
    since: NOW,
    activeUsers,
    maxUsers: 10,
  });
  /** Changes of the level are announced. */
  const heard = (...sequences: number[]): Partial<Event> => ({
    heard: { wakes: 0, announced: sequences.map((sequence) => level(sequence, 1)), toldToStop: [] },
  });
  const ranked = (rank: number, sequence: number) =>
    sound({ level: { rank: String(rank), sequence: String(sequence), since: '1' } });
  /** What the last of these events breaks. */
  const broken = (...events: Array<Partial<Event>>) => {
    const history = new HistoryRules();
    const silence = { wakes: 0, announced: [], toldToStop: [] };
    const event = { before: sound(), after: sound(), heard: silence, dequeued: null, level: null, now: NOW };
    return events.map((but) => history.see({ ...event, ...but })).at(-1);
  };

  it('every change of the level is announced, once, under a greater number', () => {
    const rule = ['every change of the level is announced, once, under a greater number'];
    const change = (sequence: number) => ({ before: ranked(0, sequence - 1), after: ranked(1, sequence) });
    expect(broken({ ...change(8), ...heard(8) })).to.deep.equal([]);
    expect(broken({ ...change(8), ...heard() }), 'not').to.deep.equal(rule);
    expect(broken({ ...change(8), ...heard(7, 8) }), 'twice').to.deep.equal(rule);
    expect(broken({ ...change(8), ...heard(9) }), 'another one').to.deep.equal(rule);
    expect(broken({ ...change(8), ...heard(8) }, { ...change(8), ...heard(8) }), 'as before').to.deep.equal(rule);
  });

  it('a level falls only after 10 s in a row below its exit', () => {
    const rule = ['a level falls only after 10 s in a row below its exit'];
    const stays = (now: number, users: number) => ({
      ...heard(),
      before: ranked(1, 8),
      after: ranked(1, 8),
      level: level(8, users),
      now,
    });
    const falls = (now: number) => ({
      ...heard(9),
      before: ranked(1, 8),
      after: ranked(0, 9),
      level: level(9, 7),
      now,
    });
    expect(broken(stays(NOW, 7), falls(NOW + 10_000))).to.deep.equal([]);
    expect(broken(stays(NOW, 7), falls(NOW + 9_999)), 'too early').to.deep.equal(rule);
    expect(broken(stays(NOW, 7), stays(NOW + 1, 8), falls(NOW + 10_000)), 'not in a row').to.deep.equal(rule);
  });

  it('starts are paced above normal', () => {
    const rule = ['starts are paced above normal'];
    const starts = (now: number, runs: number) => ({
      ...dequeues(runs),
      before: ranked(1, 8),
      after: ranked(1, 8),
      now,
    });
    expect(broken(starts(NOW, 2), starts(NOW + 100, 1))).to.deep.equal([]);
    expect(broken(starts(NOW, 3)), 'too many at once').to.deep.equal(rule);
    expect(broken(starts(NOW, 2), starts(NOW + 99, 1)), 'too soon').to.deep.equal(rule);
  });
});
