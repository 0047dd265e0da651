import { expect } from 'chai';
import { testRedis } from '../../../../tests/support/redis.ts';
import {
  becomes,
  down,
  fail,
  gateOf,
  ProbedProvider,
  ProviderCluster,
  primaryOf,
} from '../../../../tests/support/worker/provider-cluster.ts';
import { ModelFailure } from '../model-failure.ts';

describe('the gate of a model provider', () => {
  let cluster: ProviderCluster;

  beforeEach(async () => {
    cluster = new ProviderCluster(await testRedis(), new ProbedProvider('primary'));
  });
  afterEach(() => cluster.close());

  it('opens at once for an answer that does not begin, but not if others were answered meanwhile', async () => {
    const board = await cluster.replica();
    const gate = gateOf(board);
    const slow = () => {
      let end = () => {};
      const call = gate
        .execute(() => new Promise((_, reject) => (end = () => reject(new ModelFailure('slow')))))
        .catch(() => undefined);
      return { call, end: () => end() };
    };
    const heavyPrompt = slow();
    await new Promise(setImmediate);
    await gate.execute(async (onAlive) => onAlive());
    heavyPrompt.end();
    await heavyPrompt.call;
    expect(gate.closed).to.equal(true);

    cluster.primary.answer = 'hangs';
    const hung = slow();
    await new Promise(setImmediate);
    const { whileClosed } = gate;
    hung.end();
    await hung.call;
    expect(gate.closed).to.equal(false);
    expect(whileClosed.aborted).to.equal(true);
  });

  it('takes a refused request for a sign of life, and an abort of ours for nothing', async () => {
    const board = await cluster.replica();
    const abort = () =>
      gateOf(board)
        .execute(() => Promise.reject(new Error('aborted')))
        .catch(() => undefined);
    await fail(board);
    await fail(board);
    await fail(board, 'rejected');
    await fail(board);
    await abort();
    await fail(board);
    await abort();
    expect(board.active).to.equal('primary');
    await fail(board);
    expect(board.active).to.equal('backup');
  });

  it('does not open for a slow call from before it opened and closed again', async () => {
    const board = await cluster.replica();
    let end = () => {};
    const late = gateOf(board)
      .execute(() => new Promise((_, reject) => (end = () => reject(new ModelFailure('slow')))))
      .catch(() => undefined);
    await new Promise(setImmediate);
    await down(board);
    await becomes(board, 'open');
    await becomes(board, 'closed');
    end();
    await late;
    expect(board.active).to.equal('primary');
  });

  it('does not believe an answer from before it opened', async () => {
    cluster.primary.answer = 'server_error';
    const board = await cluster.replica();
    let release: (value: string) => void = () => {};
    const late = gateOf(board).execute(() => new Promise<string>((resolve) => (release = resolve)));
    await new Promise(setImmediate);
    await down(board);
    release('late');
    expect(await late).to.equal('late');
    expect(primaryOf(board).state).to.not.equal('closed');
  });
});
