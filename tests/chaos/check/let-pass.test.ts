import { expect } from 'chai';
import { at, event, liveOnly, run, snapshot, soundEvidence, start } from '../evidence/sound-evidence.ts';
import { check } from './check.ts';
import { slotUse } from './slots.ts';

describe('what the checker of recorded histories lets pass', () => {
  it('takes an answer that leaves the outcome open for what it says', () => {
    for (const [code, promises] of [
      ['outcome_unknown', []],
      ['no_replica', ['refused']],
      ['storage_unavailable', ['refused']],
    ] as const) {
      const evidence = soundEvidence();
      evidence.starts.push(start({ wish: 'w9', key: null, runId: null, status: 503, code, retryAfter: 5 }));
      evidence.runs.push(run({ id: 'r9', wish: 'w9', seq: 9, status: 'timed_out', finishedAt: 1 }));
      expect(check(evidence).map(({ promise }) => promise)).to.deep.equal(promises);
    }
  });

  it('lets a socket that cannot be greeted yet hear that it is alive, and nothing else', () => {
    const earlier = (type: 'HEARTBEAT' | 'WORKFLOW_POSITION') => {
      const evidence = soundEvidence();
      const { frames } = at(evidence.sockets, 0);
      const { at: greeted } = at(frames, 0);
      frames.unshift(...[1, 2].map((n) => ({ at: greeted - n, frame: liveOnly(type) })));
      return check(evidence).map(({ promise }) => promise);
    };
    expect(earlier('HEARTBEAT')).to.deep.equal([]);
    expect(earlier('WORKFLOW_POSITION')).to.deep.equal(['events', 'events']);
  });

  it('takes a snapshot for an explanation of a new stream and of an end that was not told', () => {
    const evidence = soundEvidence();
    const frames = at(evidence.sockets, 1).frames;
    frames.pop();
    frames.push({ at: (at(evidence.runs, 1).finishedAt ?? 0) + 1, frame: snapshot(0, 'e2') });
    frames.push({ at: 0, frame: event('WORKFLOW_COMPLETED', 'r1', 1, 'e2') });
    expect(check(evidence)).to.deep.equal([]);
  });

  it('lets a step in flight be executed again whose answer was lost on its way, once for each', () => {
    const again = (times: number) => {
      const evidence = soundEvidence();
      const first = at(evidence.effects, 0);
      Object.assign(first, { answerLost: true });
      const repeats = Array.from({ length: times }, (_, n) => ({ ...first, no: 6 + n, answerLost: false }));
      evidence.effects.push(...repeats);
      Object.assign(at(evidence.checkpoints, 0), { effect: 6 });
      return check(evidence).map(({ promise }) => promise);
    };
    expect(again(1)).to.deep.equal([]);
    expect(again(2)).to.deep.equal(['effects']);
  });

  it('lets a thawed worker have sent what it was about to send for a run that is another’s by now, and nobody else', () => {
    const late = (kind: string, effect: number) => {
      const evidence = soundEvidence();
      const sent = at(evidence.effects, effect);
      const again = sent.at + 16_000;
      evidence.effects.push({ ...sent, no: 6, answeredAt: null, at: again });
      const thaw = { name: kind, kind, target: 'somebody' };
      evidence.faults.push({ ...thaw, appliedAt: sent.at, mendedAt: again - 100, healedAt: again + 5_000 });
      return check(evidence).map(({ promise }) => promise);
    };
    const [ofOneWorker, ofTwo] = [0, 1];
    expect(late('replica-frozen', ofTwo)).to.deep.equal([]);
    expect(late('replica-frozen', ofOneWorker)).to.deep.equal(['effects']);
    expect(late('link-webhook-cut', ofOneWorker)).to.deep.equal([]);
    for (const kind of ['redis-frozen', 'postgres-frozen', 'link-webhook-slow'])
      expect(late(kind, ofTwo), kind).to.deep.equal(['effects']);
  });

  it('lets runs of a replica that was cut from Redis be overtaken until they can have their places, and no others', () => {
    const overtaken = (replica: string, kind = 'link-redis-cut', { laterBy = 0, unplaced = false } = {}) => {
      const evidence = soundEvidence();
      const { at: known } = at(evidence.starts, 0);
      Object.assign(at(evidence.runs, 0), { startNo: 2 });
      Object.assign(at(evidence.runs, 1), { startNo: 1, attempt: 1, grantedAt: known + laterBy });
      Object.assign(at(evidence.starts, 0), { replica, unplaced });
      const times = { appliedAt: known - 10, mendedAt: known + 30_000, healedAt: known + 30_000 };
      evidence.faults.push({ name: kind, kind, target: 'replica-1', ...times });
      return check(evidence).filter(({ promise }) => promise === 'order');
    };
    expect(overtaken('replica-1')).to.deep.equal([]);
    expect(overtaken('replica-2')).to.have.length(1);
    expect(overtaken('replica-1', 'link-redis-slow')).to.have.length(1);
    expect(overtaken('replica-1', 'link-redis-slow', { unplaced: true })).to.deep.equal([]);
    expect(overtaken('replica-1', 'link-redis-cut', { laterBy: 25_000 })).to.have.length(1);
  });

  it('lets a run without a place be overtaken for a second after Redis is back, of which not all replicas hear at once', () => {
    const overtaken = ({ unplaced = true, laterBy = 0 } = {}) => {
      const evidence = soundEvidence();
      const { at: known } = at(evidence.starts, 0);
      Object.assign(at(evidence.runs, 0), { startNo: 2, grantedAt: known + 5_000 });
      Object.assign(at(evidence.runs, 1), { startNo: 1, attempt: 1, grantedAt: known + laterBy });
      Object.assign(at(evidence.starts, 0), { unplaced });
      const times = { appliedAt: known - 500, mendedAt: known - 200, healedAt: known - 200 };
      evidence.faults.push({ name: 'redis killed', kind: 'redis-killed', target: 'redis', ...times });
      return check(evidence).filter(({ promise }) => promise === 'order');
    };
    expect(overtaken()).to.deep.equal([]);
    expect(overtaken({ unplaced: false })).to.have.length(1);
    expect(overtaken({ laterBy: 2_000 })).to.have.length(1);
  });

  it('takes a run for rescued whose slot was lost with its worker and with the data of Redis, not with one of them', () => {
    const overtaken = (...kinds: string[]) => {
      const evidence = soundEvidence();
      const { at: known } = at(evidence.starts, 0);
      Object.assign(at(evidence.runs, 0), { startNo: 2, grantedAt: known + 2_000 });
      Object.assign(at(evidence.runs, 1), { startNo: 1, attempt: 1, grantedAt: known + 1_000 });
      const times = { appliedAt: known + 1_500, mendedAt: known + 1_600, healedAt: known + 1_600 };
      evidence.faults = kinds.map((kind) => ({ name: kind, kind, target: 'part', ...times }));
      return check(evidence).filter(({ promise }) => promise === 'order');
    };
    expect(overtaken('replica-frozen', 'redis-emptied')).to.deep.equal([]);
    expect(overtaken('link-redis-lossy', 'redis-truncated')).to.deep.equal([]);
    for (const alone of ['replica-frozen', 'redis-emptied']) expect(overtaken(alone), alone).to.have.length(1);
    expect(overtaken('replica-frozen', 'redis-restarted')).to.have.length(1);
  });

  it('counts a run from the grant of its slot, and from its first call only if the slot may have gone with the data of Redis', () => {
    const fault = { name: 'emptied', kind: 'redis-emptied', target: 'redis' };
    const used = (lostAt: number) => {
      const evidence = soundEvidence();
      const { grantedAt } = at(evidence.runs, 1);
      const between = { grantedAt: grantedAt ?? 0, finishedAt: (grantedAt ?? 0) + 10 };
      evidence.runs.push(run({ id: 'r9', wish: 'w1', seq: 9, startNo: 9, ...between }));
      evidence.faults.push({ ...fault, appliedAt: lostAt, mendedAt: lostAt, healedAt: lostAt });
      return slotUse(evidence).recorded.most;
    };
    const { grantedAt } = at(soundEvidence().runs, 1);
    expect(used((grantedAt ?? 0) - 10)).to.equal(3);
    expect(used((grantedAt ?? 0) + 10)).to.equal(2);
  });

  it('expects no order of starts that were under way together, and none of a run that was rescued', () => {
    const together = soundEvidence();
    Object.assign(at(together.runs, 0), { startNo: 2 });
    Object.assign(at(together.runs, 1), { startNo: 1, attempt: 1 });
    Object.assign(at(together.starts, 1), { sentAt: at(together.starts, 0).at });
    expect(check(together).filter(({ promise }) => promise === 'order')).to.deep.equal([]);

    const rescued = soundEvidence();
    Object.assign(at(rescued.runs, 0), { startNo: 2 });
    Object.assign(at(rescued.runs, 1), { startNo: 1 });
    expect(check(rescued)).to.deep.equal([]);
  });
});
