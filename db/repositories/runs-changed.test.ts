import { expect } from 'chai';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { createDatabase, type Database } from '../database.ts';
import type { Runs } from './runs.ts';

/** Methods that change no run that was there already. */
const READING = [
  'get',
  'getMany',
  'steps',
  'list',
  'active',
  'longestWait',
  'queuedAll',
  'runningAll',
  'maxStartNo',
  'claimNothing',
  'insertBatch',
];

describe('changes of runs', () => {
  let rig: DatabaseRig;
  let db: Database;
  let told: string[];
  /** What `onRunsChanged` waits for. */
  let held: Promise<void>;

  before(async () => {
    rig = await DatabaseRig.open();
    const settings = { WEIR_DATABASE_URL: rig.url, WEIR_DATABASE_POOL_SIZE: 4 };
    db = createDatabase(settings, createMetrics(), recordedLog(), {
      onRunsChanged: (ids) => {
        told.push(...ids);
        return held;
      },
    });
  });
  after(async () => {
    await db.close();
    await rig.close();
  });
  beforeEach(() => {
    told = [];
    held = Promise.resolve();
  });

  const retry = { maxAttempts: 3, queueTimeoutSeconds: 300 };
  const failed = async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    const error = { code: 'test', reason: 'broken', step: 'first' };
    await rig.db.runs.finish({ runId: id, attempt: 1, status: 'failed', result: null, error });
    return id;
  };
  const running = async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    return id;
  };
  const retried = async () => {
    const id = await failed();
    await rig.db.runs.retry(id, null, retry);
    return id;
  };

  /** Each method that changes runs: what it needs, and its call. */
  const changes: Record<string, [prepare: () => Promise<string>, call: (id: string) => Promise<unknown>]> = {
    removeRefused: [() => rig.oneQueued(), (id) => db.runs.removeRefused([id])],
    promise: [() => rig.oneQueued(), (id) => db.runs.promise(id)],
    claim: [() => rig.oneQueued(), (id) => db.runs.claim([rig.grant(id)])],
    keepGrantNo: [() => rig.oneQueued(), (id) => db.runs.keepGrantNo(rig.grant(id))],
    checkpoint: [
      running,
      (id) =>
        db.runs.checkpoint({
          runId: id,
          attempt: 1,
          index: 0,
          name: 'first',
          type: 'delay',
          output: null,
          usage: null,
          startedAt: new Date(),
        }),
    ],
    saveStepState: [running, (id) => db.runs.saveStepState(id, 1, { at: 1 })],
    finish: [running, (id) => db.runs.finish({ runId: id, attempt: 1, status: 'succeeded', result: 1, error: null })],
    handBack: [running, (id) => db.runs.handBack([{ runId: id, attempt: 1 }])],
    cancel: [running, (id) => db.runs.cancel(id, null)],
    retry: [failed, (id) => db.runs.retry(id, null, retry)],
    undoRetry: [retried, (id) => db.runs.undoRetry(id)],
    setPriority: [() => rig.oneQueued(), (id) => db.runs.setPriority(id, 'high')],
    timeOut: [() => rig.oneQueued(), (id) => db.runs.timeOut([id])],
  };

  for (const [method, [prepare, call]] of Object.entries(changes)) {
    it(`${method} tells of its run before it answers`, async () => {
      const id = await prepare();
      await call(id);
      expect(told).to.deep.equal([id]);
    });
  }

  it('there is no other method that changes runs', () => {
    expect(Object.keys(db.runs)).to.have.members([...READING, ...Object.keys(changes)]);
  });

  it('is told also by a write that finds the run changed already, as its first answer may have been lost', async () => {
    const id = await running();
    await db.runs.cancel(id, null);
    told = [];
    const claimed = await db.runs.claim([rig.grant(id)]);
    expect(claimed[0]?.kind).to.equal('gone');
    expect(await db.runs.finish({ runId: id, attempt: 1, status: 'succeeded', result: 1, error: null })).to.equal(
      false,
    );
    expect(told).to.deep.equal([id, id]);
  });

  it('is told by a write that failed, as it may have taken effect', async () => {
    const id = await rig.oneQueued();
    const refused = db.runs.setPriority(id, 'urgent' as Parameters<Runs['setPriority']>[1]);
    expect(
      await refused.then(
        () => 'taken',
        () => 'refused',
      ),
    ).to.equal('refused');
    expect(told).to.deep.equal([id]);
  });

  it("people's changes wait until it has been told, a worker's do not", async () => {
    const [mine, workers] = [await rig.oneQueued(), await rig.oneQueued()];
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    await db.runs.claim([rig.grant(workers)]);
    let answered = false;
    const cancelled = db.runs.cancel(mine, null).then(() => {
      answered = true;
    });
    // The cancel has been in Postgres for long when this has been there and back behind it.
    while (!told.includes(mine)) await rig.db.ping();
    await rig.db.ping();
    expect(answered).to.equal(false);
    release();
    await cancelled;
  });
});
