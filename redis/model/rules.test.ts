import { expect } from 'chai';
import type { Dequeued, LevelState } from '../results.ts';
import type { RedisState } from './redis-state.ts';
import { RunBook } from './run-book.ts';
import { NOW, READY, sound, TAKEN } from './sound-state.ts';
import { STATE_RULES } from './state-rules.ts';
import { type Seen, STEP_RULES } from './step-rules.ts';

const { holders, slots, ready, queue } = sound();

/** Per rule of the state, what it must object to. */
const BROKEN_STATES: Record<string, Partial<RedisState>> = {
  'no run waits and holds a slot at once': { slots: { ...slots, 'run-1': 5 } },
  'no run waits twice': { queue: [...queue, ['0000000000000009:run-1', 60]] },
  'whoever waits has a deadline and an entry, and nobody else has': { queueDeadlines: {} },
  'the place of a run is told by its own entry': { entries: { 'run-1': '0000000000000004:0:flow:ann' } },
  'the queue is in order of time, then of acceptance': { queue: [['0000000000000002:run-9', 50], ...queue] },
  'users have as many runs waiting as the queue holds of theirs': { queuedByUser: { ann: 1, bob: 0 } },
  'whoever has a slot has a lease, and the other way round': { slots: { 'run-2': 5 } },
  'no run is twice in the ready list': { ready: [...ready, ...ready] },
  'what is ready has a slot that nobody has taken, and says so with its floor and grant': { ready: ['run-3:0.5:10:2'] },
  'what is ready stands in the order of the grants': { ready: ['run-3:0:10:2', ...ready] },
  'only runs with a slot, in the hands of a worker, are told to stop': { cancels: ['run-2'] },
  'no two runs started as the same number': { holders: { 'run-2': READY, 'run-3': { ...TAKEN, grant: '11:1' } } },
  'no number is used before it is given': { grantCounter: 1 },
  'a user counts once, as long as any replica has a lease of it': { users: { ann: 1 } },
};

const dequeued = (but: Partial<Dequeued> = {}): Dequeued => ({
  kind: 'dequeued',
  granted: [],
  expired: [],
  queueLength: 1,
  freeSlots: 0,
  nextInMs: 1,
  ...but,
});
const level = (but: Partial<LevelState> = {}): LevelState => ({
  level: 'normal',
  sequence: 8,
  since: NOW,
  activeUsers: 1,
  maxUsers: 10,
  ...but,
});
const RUN_1 = { runId: 'run-1', userId: 'ann' };
const regranted = { ...sound().holders, 'run-2': { ...READY, grant: '11:3' } };

/** Per rule of a step, what it must object to; the run of the queue is the earlier one of two that waited. */
const BROKEN_STEPS: Record<string, Partial<Seen>> = {
  'a leader that is not the latest is refused and changes nothing': { epoch: 0, answer: dequeued() },
  'while rebuilding nothing is decided': { answer: { kind: 'rebuilding' }, after: sound({ ready: [] }) },
  'a slot is given only within the limit': {
    before: sound({ slots: { 'run-2': 5 }, holders: { 'run-2': READY } }),
    after: sound({ limits: { max_workflows: 1 } }),
  },
  'new limits take no slot away, nor any place': { after: sound({ limits: { max_workflows: 1 }, slots: {} }) },
  'start numbers go on one by one': { after: sound({ holders: regranted, grantCounter: 4 }) },
  'numbers are given in the order of the queue, and to nobody while an earlier one waits': {
    answer: dequeued({ granted: [{ runId: 'run-2', userId: 'ann' }] }),
  },
  'who starts at the door finds nobody waiting before': {
    answer: { kind: 'admitted' },
    after: sound({ holders: regranted, grantCounter: 3 }),
  },
  'within a priority, the queue is in the order of acceptance': {
    after: sound({ queue: [['0000000000000002:run-2', 50], ...queue] }),
  },
  'a wait that is over does not start': {
    answer: dequeued({ granted: [RUN_1] }),
    now: NOW + 1,
    after: sound({ queue: [] }),
  },
  'without a leader’s answer or word, nobody who waits starts': {
    after: sound({ queue: [], holders: { ...holders, 'run-1': { ...READY, grant: '11:3' } }, grantCounter: 3 }),
  },
  'a wait ends only when it is over, and never that of a run that has started': {
    answer: dequeued({ expired: [RUN_1] }),
  },
  'an attempt that is shut out changes nothing of its run': {
    attempts: [{ runId: 'run-2', attempt: 0 }],
    after: sound({ slots: { ...slots, 'run-2': 5 } }),
  },
  'a fence never goes down while the run has its slot': {
    after: sound({ holders: { ...holders, 'run-3': { ...TAKEN, fence: 0 } } }),
  },
  'no slot is rescued before its lease has lapsed, nor while its run is ready': {
    answer: { kind: 'rescued', runIds: ['run-2'] },
  },
  'whoever comes to wait, or to wait for a free slot, is made known to the leader': { after: sound({ slots: {} }) },
  'the leader is told when to come again, at the latest with the next token if a slot is free': {
    answer: dequeued({ nextInMs: 101 }),
    after: sound({ slots: {} }),
  },
  'nobody new comes in beyond the hard limit': {
    after: sound({ limits: { hard_limit_users: 1 }, users: { ann: 2, bob: 1 } }),
  },
  'a level is there as soon as the users call for it': { answer: level({ activeUsers: 8 }) },
};

describe('the rules that know nothing of the model', () => {
  const book = new RunBook();
  for (let seq = 1; seq <= 3; seq++) {
    book.accept({ userId: 'ann', priority: 'normal', acceptedAt: 50, expiresAt: 0, promised: false });
  }
  const seen = (but: Partial<Seen>): Seen => ({
    before: sound(),
    after: sound(),
    answer: null,
    attempts: [],
    epoch: null,
    heard: { wakes: 0, announced: [], toldToStop: [] },
    now: NOW,
    book,
    ...but,
  });

  it('object to nothing in a sound state', () => {
    expect(Object.keys(STATE_RULES).filter((rule) => !STATE_RULES[rule]?.(sound()))).to.deep.equal([]);
    expect(Object.keys(STEP_RULES).filter((rule) => !STEP_RULES[rule]?.(seen({})))).to.deep.equal([]);
  });

  it('all have an example here', () => {
    expect(Object.keys(BROKEN_STATES)).to.have.members(Object.keys(STATE_RULES));
    expect(Object.keys(BROKEN_STEPS)).to.have.members(Object.keys(STEP_RULES));
  });

  for (const [rule, broken] of Object.entries(BROKEN_STATES)) {
    it(`of the state: ${rule}`, () => expect(STATE_RULES[rule]?.(sound(broken))).to.equal(false));
  }
  for (const [rule, broken] of Object.entries(BROKEN_STEPS)) {
    it(`of a step: ${rule}`, () => expect(STEP_RULES[rule]?.(seen(broken))).to.equal(false));
  }
});
