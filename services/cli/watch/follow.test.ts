import { expect } from 'chai';
import { toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { ApiProblem } from '../../../shared/protocol/client/api-problem.ts';
import { ApiUnreachable } from '../../../shared/protocol/client/api-unreachable.ts';
import type { LiveState } from '../../../shared/protocol/client/live-state.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { RunAnswer } from '../../../shared/protocol/http.ts';
import { sampleRun } from '../../../tests/support/sample-run.ts';
import { followRun } from './follow.ts';
import { RunWatcher } from './run-watcher.ts';

const at = '2026-01-01T00:00:00.000Z';
const LIVE: LiveState = { kind: 'live', replica: 'r', recovered: false };
const running = sampleRun({ status: 'running', steps: [], finished_at: null });
const snapshotOf = (user_id: string): EventFrame => ({
  type: 'SNAPSHOT',
  at,
  data: {
    recovered: false,
    replica: 'r',
    user_id,
    runs: [],
    capacity: null,
    features: { disabled: [] },
    provider: { active: null },
  },
});

interface Situation {
  /** Answers of the server, one after the other; the last one repeats. */
  answers: (RunAnswer | Error)[];
  state?: LiveState;
  earlier?: EventFrame[];
  /** Milliseconds between questions, and until giving up. */
  live?: number;
  giveUpMs?: number;
}

function follow({ answers, state = LIVE, earlier = [], live = 60_000, giveUpMs = 60_000 }: Situation) {
  const told: string[] = [];
  const frames = new Set<(frame: EventFrame) => void>();
  const states = new Set<(state: LiveState) => void>();
  const stop = new AbortController();
  let asked = 0;
  const watcher = new RunWatcher({
    runId: running.id,
    definition: null,
    fetchRun: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
    emit: (update) => told.push(update.kind === 'notice' ? update.message : update.kind),
  });
  const add =
    <Listener>(listeners: Set<Listener>) =>
    (listener: Listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
  const feed = { state, onFrame: add(frames), onState: add(states) };
  const result = followRun({
    watcher,
    feed,
    earlier,
    owner: 'ada',
    signal: stop.signal,
    pollMs: { live, alone: 1 },
    giveUpMs,
  });
  return {
    result,
    told,
    stop,
    asked: () => asked,
    listeners: () => frames.size + states.size,
    frame: (frame: EventFrame) => frames.forEach((listener) => void listener(frame)),
    enter: (next: LiveState) => states.forEach((listener) => void listener(next)),
  };
}

describe('followRun', () => {
  it('ends at once when the run was over before anybody listened', async () => {
    const { result, listeners } = follow({ answers: [sampleRun()], state: { kind: 'connecting', attempt: 0 } });
    expect((await result)?.status).to.equal('succeeded');
    expect(listeners(), 'nothing listens any more').to.equal(0);
  });

  it('sees a run to its end by asking alone, while no socket stands', async () => {
    const { result, asked } = follow({
      answers: [running, running, sampleRun()],
      state: { kind: 'waiting', until: 0, reason: '' },
    });
    expect((await result)?.status).to.equal('succeeded');
    expect(asked()).to.equal(3);
  });

  it('asks on for another user’s run, whose frames never come', async () => {
    const { result } = follow({ answers: [running, running, sampleRun()], earlier: [snapshotOf('somebody else')] });
    expect((await result)?.status).to.equal('succeeded');
  });

  it('asks in the background even while frames arrive, so that a lost one costs only time', async () => {
    const { result } = follow({ answers: [running, sampleRun()], live: 5 });
    expect((await result)?.status).to.equal('succeeded');
  });

  it('lives on frames, also on those that came before the run was known', async () => {
    const ids = { run_id: running.id, workflow_id: '', workflow_name: '' };
    const cancelled: EventFrame = { type: 'WORKFLOW_CANCELLED', at, data: { message: 'Cancelled', ...ids } };
    expect((await follow({ answers: [running], earlier: [cancelled] }).result)?.status).to.equal('cancelled');
    const later = follow({ answers: [running] });
    later.frame(cancelled);
    expect((await later.result)?.status).to.equal('cancelled');
  });

  it('tells of a connection that stays away, not of one that blinks', async () => {
    const { result, told, enter, stop } = follow({ answers: [running] });
    enter({ kind: 'waiting', until: Date.now(), reason: 'closed' });
    enter(LIVE);
    enter({ kind: 'waiting', until: Date.now() + 10_000, reason: 'closed' });
    enter(LIVE);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await result;
    expect(told.filter((text) => text.includes(' '))).to.deep.equal([
      'The connection is lost, the run goes on; reconnecting',
      'Connected again',
    ]);
  });

  it('stops when asked to, and leaves nothing behind', async () => {
    const { result, stop, listeners } = follow({ answers: [running] });
    stop.abort();
    expect(await result).to.equal(null);
    expect(listeners()).to.equal(0);
  });

  it('outlasts an outage, but not for ever, and not a refusal at all', async () => {
    const gone = new ApiUnreachable('No answer.');
    const away: LiveState = { kind: 'waiting', until: 0, reason: '' };
    expect((await follow({ answers: [running, gone, gone, sampleRun()], state: away }).result)?.status).to.equal(
      'succeeded',
    );
    const failure = (situation: Situation) =>
      follow(situation).result.then(
        () => 'ended',
        (error: Error) => error.name,
      );
    expect(await failure({ answers: [running, gone], state: away, giveUpMs: 5 })).to.equal('ApiUnreachable');
    const refused = new ApiProblem(toProblem(new WeirError('run_not_found'), 'c'), null);
    expect(await failure({ answers: [refused] })).to.equal('ApiProblem');
  });
});
