import { expect } from 'chai';
import { MODEL_FAILURES, ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import { type AfterFailure, MAX_CALLS, nextTry } from './next-try.ts';

const follows = (kind: ModelFailureKind, but: Partial<AfterFailure> = {}, retryAfterMs?: number) =>
  nextTry({
    failure: new ModelFailure(kind, retryAfterMs === undefined ? {} : { retryAfterMs }),
    calls: 1,
    callsToIt: 1,
    textSent: false,
    large: false,
    itHasLargeModel: false,
    otherClosed: true,
    otherHasLargeModel: false,
    remainingMs: 60_000,
    random: () => 0.5,
    ...but,
  });

describe('what follows a model call that failed', () => {
  it('is one repeat after a pause, then another provider, where a repeat may help', () => {
    const kinds = (Object.keys(MODEL_FAILURES) as ModelFailureKind[]).filter(
      (kind) => MODEL_FAILURES[kind].next === 'repeat',
    );
    expect(kinds).to.include.members(['server_error', 'unreachable', 'rate_limited', 'throttled']);
    for (const kind of kinds) {
      expect(follows(kind), kind).to.deep.equal({ kind: 'repeat', afterMs: 250 });
      expect(follows(kind, { calls: 2, callsToIt: 2 }), kind).to.deep.equal({ kind: 'other' });
    }
  });

  it('is another provider at once where the same one would only cost time', () => {
    for (const kind of ['slow', 'stalled', 'truncated', 'malformed', 'unauthorized'] as const)
      expect(follows(kind), kind).to.deep.equal({ kind: 'other' });
  });

  it('is another provider at once when some of the answer had been shown', () => {
    expect(follows('server_error', { textSent: true })).to.deep.equal({ kind: 'other' });
    expect(follows('server_error', { textSent: true, otherClosed: false })).to.include({ kind: 'repeat' });
  });

  it('is a repeat with growing pauses when there is nobody else', () => {
    const pauses = [1, 2, 3, 4, 5].map((callsToIt) => follows('truncated', { callsToIt, otherClosed: false }));
    expect(pauses).to.deep.equal([250, 500, 1_000, 2_000, 2_000].map((afterMs) => ({ kind: 'repeat', afterMs })));
  });

  it('keeps the wait a provider asks for, and moves the repeat a little so that not all come at once', () => {
    expect(follows('throttled', {}, 3_000)).to.deep.equal({ kind: 'repeat', afterMs: 3_250 });
    expect(follows('rate_limited', { otherClosed: false }, 30_000)).to.deep.equal({ kind: 'repeat', afterMs: 30_250 });
  });

  it('is another provider when the wait asked for is long or does not fit, and the end when there is none', () => {
    expect(follows('rate_limited', {}, 30_000)).to.deep.equal({ kind: 'other' });
    expect(follows('throttled', { remainingMs: 2_000 }, 3_000)).to.deep.equal({ kind: 'other' });
    expect(follows('rate_limited', { otherClosed: false }, 61_000)).to.deep.equal({ kind: 'fail' });
  });

  it('is a larger model for a prompt that is too long, here or elsewhere, and never the same model again', () => {
    const both = { itHasLargeModel: true, otherHasLargeModel: true };
    expect(follows('context_too_long', both)).to.deep.equal({ kind: 'larger', sameProvider: true });
    expect(follows('context_too_long', { otherHasLargeModel: true })).to.deep.equal({
      kind: 'larger',
      sameProvider: false,
    });
    expect(follows('context_too_long')).to.deep.equal({ kind: 'fail' });
    expect(follows('context_too_long', { ...both, large: true })).to.deep.equal({ kind: 'fail' });
  });

  it('is the end for what nobody would answer better', () => {
    for (const kind of ['rejected', 'content_filtered', 'cut_short', 'too_large'] as const)
      expect(follows(kind), kind).to.deep.equal({ kind: 'fail' });
  });

  it('is the end after eight calls', () => {
    expect(follows('server_error', { calls: MAX_CALLS })).to.deep.equal({ kind: 'fail' });
    expect(follows('slow', { calls: MAX_CALLS })).to.deep.equal({ kind: 'fail' });
    expect(follows('slow', { calls: MAX_CALLS - 1 })).to.deep.equal({ kind: 'other' });
  });
});
