import { expect } from 'chai';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { RunAnswer } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import {
  at,
  completed,
  finished,
  ids,
  output,
  running,
  snapshot,
  starting,
  step,
  watch,
} from '../../../tests/support/cli/watched-run.ts';
import { sampleRun } from '../../../tests/support/sample-run.ts';

describe('RunWatcher', () => {
  it('tells a run from its frames alone when the server’s documents are out of reach', async () => {
    const { watcher, told, feed } = watch(null);
    feed(starting(1), step('pause', 0, 'started'), step('pause', 0, 'succeeded'), step('greet', 1, 'started'));
    feed(output('Hello, '), output('world.'), step('greet', 1, 'succeeded'), completed);
    const ending = await watcher.ended;
    expect(ending).to.include({ status: 'succeeded', result: 'Hello, world.', run: null });
    expect(told()).to.deep.equal([
      'starting 1',
      'start pause',
      'done pause',
      'start greet',
      'out Hello, ',
      'out world.',
      'done greet',
      'ended succeeded',
    ]);
  });

  it('tells a run from the server’s document alone', async () => {
    const { watcher, told } = watch(finished);
    await watcher.refresh();
    expect((await watcher.ended).run).to.equal(finished);
    expect(told()).to.deep.equal([
      'starting 1',
      'start pause',
      'done pause',
      'start greet',
      'out Hello, world.',
      'done greet',
      'ended succeeded',
    ]);
  });

  it('ends on the snapshot when the run was over before the socket stood', async () => {
    const { watcher, feed } = watch(finished);
    feed(snapshot);
    expect((await watcher.ended).status).to.equal('succeeded');
  });

  it('tells everything once, however often it comes', async () => {
    const { watcher, told, feed } = watch(running({ steps: finished.steps?.slice(0, 1) ?? [], current_step: 1 }));
    feed(
      starting(1),
      starting(1),
      step('pause', 0, 'started'),
      snapshot,
      step('pause', 0, 'succeeded'),
      step('greet', 1, 'started'),
      snapshot,
    );
    await watcher.refresh();
    expect(told()).to.deep.equal(['starting 1', 'start pause', 'done pause', 'start greet']);
  });

  it('hears nothing of other runs', async () => {
    const { watcher, told, feed } = watch(running({ started_at: null }));
    feed({ type: 'WORKFLOW_CANCELLED', at, data: { message: '', ...ids, run_id: 'another' } });
    feed({
      type: 'WORKFLOW_POSITION',
      at,
      data: { runs: [{ run_id: 'another', position: 1, estimated_wait_seconds: null, expires_at: at }] },
    });
    await watcher.refresh();
    expect(told()).to.deep.equal(['start pause']);
  });

  it('follows the place in the queue, and not backwards once the run has started', async () => {
    const { watcher, told, feed } = watch(running());
    const place = (position: number) => ({ position, estimated_wait_seconds: null, expires_at: at });
    const queued = (position: number): EventFrame => ({
      type: 'WORKFLOW_POSITION',
      at,
      data: { runs: [{ run_id: finished.id, ...place(position) }] },
    });
    watcher.accepted({ run_id: finished.id, status: 'queued', queue: null, message: TEXTS.starting });
    feed({ type: 'WORKFLOW_QUEUED', at, data: { message: 'High demand', ...ids, priority: 'normal', ...place(3) } });
    feed(queued(2), queued(2), queued(1), starting(1), queued(1));
    await watcher.refresh();
    expect(told()).to.deep.equal([
      'waiting nowhere',
      'waiting 3',
      'warning: High demand',
      'waiting 2',
      'waiting 1',
      'starting 1',
      'start pause',
    ]);
  });

  it('ends every way a run can end', async () => {
    const failed = { code: 'llm_timeout', reason: 'Too slow.', step: 'greet' };
    const endings: [RunAnswer['status'], EventFrame][] = [
      [
        'failed',
        { type: 'WORKFLOW_FAILED', at, data: { message: TEXTS.failed, ...ids, reason: 'Too slow.', step: 'greet' } },
      ],
      ['cancelled', { type: 'WORKFLOW_CANCELLED', at, data: { message: TEXTS.cancelled, ...ids } }],
      [
        'timed_out',
        { type: 'WORKFLOW_QUEUE_TIMEOUT', at, data: { message: TEXTS.queueTimeout, ...ids, waited_seconds: 300 } },
      ],
    ];
    for (const [status, frame] of endings) {
      const byFrame = watch(null);
      byFrame.feed(frame, completed);
      expect((await byFrame.watcher.ended).status).to.equal(status);
      const byDocument = watch(
        sampleRun({ status, steps: [], started_at: null, error: status === 'failed' ? failed : null }),
      );
      byDocument.feed(snapshot);
      const ending = await byDocument.watcher.ended;
      expect(ending.status).to.equal(status);
      expect(ending.message).to.not.equal('');
      if (status === 'failed') expect(byDocument.told()).to.include('failed greet');
    }
  });

  it('names the live features that are off', async () => {
    const { watcher, told, feed } = watch(null);
    const data = { message: TEXTS.degraded, disabled: ['read_receipts' as const, 'typing' as const] };
    feed({ type: 'DEGRADED_MODE_ACTIVE', at, data });
    feed({ type: 'DEGRADED_MODE_CLEARED', at, data: { message: TEXTS.degradedCleared, enabled: data.disabled } });
    feed({ type: 'WORKFLOW_CANCELLED', at, data: { message: '', ...ids } });
    await watcher.ended;
    expect(told().slice(0, -1)).to.deep.equal([
      `warning: ${TEXTS.degraded} (off: read receipts, typing)`,
      `good: ${TEXTS.degradedCleared}`,
    ]);
  });

  it('tells a banner once until it is lifted, and a lost connection only when it stays away', async () => {
    const { watcher, told, feed } = watch(null);
    const load = { level: 'elevated' as const, active_users: 20, max_users: 25 };
    const warning: EventFrame = { type: 'CAPACITY_WARNING', at, data: { message: TEXTS.highDemand, ...load } };
    const cleared: EventFrame = { type: 'CAPACITY_CLEARED', at, data: { message: TEXTS.capacityNormal, ...load } };
    feed(cleared, warning, warning, cleared, warning);
    for (const state of ['lost', 'back', 'lost', 'away', 'away', 'back'] as const) watcher.connection(state);
    feed({ type: 'WORKFLOW_CANCELLED', at, data: { message: '', ...ids } });
    await watcher.ended;
    expect(told().slice(0, -1)).to.deep.equal([
      `warning: ${TEXTS.highDemand}`,
      `good: ${TEXTS.capacityNormal}`,
      `warning: ${TEXTS.highDemand}`,
      'warning: The connection is lost, the run goes on; reconnecting',
      'good: Connected again',
    ]);
  });
});
