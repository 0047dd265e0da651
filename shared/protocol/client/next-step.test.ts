import { expect } from 'chai';
import { CLOSE_CODES } from '../close-codes.ts';
import { ApiProblem } from './api-problem.ts';
import { ApiUnreachable } from './api-unreachable.ts';
import { type AttemptEnd, nextStep } from './next-step.ts';

const closed = (code: number): AttemptEnd => ({ kind: 'closed', code, reason: '' });
const refused = (status: number, retryAfterSeconds: number | null = null): AttemptEnd => ({
  kind: 'refused',
  refusal: { status, problem: null, retryAfterSeconds },
});
const noTicket = (status: number): AttemptEnd => ({
  kind: 'no_endpoint',
  error: new ApiProblem(
    { type: '', title: '', status, detail: 'no', code: 'unauthenticated', correlation_id: '' },
    status === 503 ? 7 : null,
  ),
});

describe('nextStep', () => {
  it('comes back after every close code below 4500, and after a lost connection', () => {
    const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
    for (const code of [...codes, 1001, 1006, 1009, 1011]) {
      expect(nextStep(closed(code), false).kind, String(code)).to.equal(code >= 4500 ? 'stop' : 'retry');
    }
    for (const end of [{ kind: 'silent' }, { kind: 'gap' }] as const)
      expect(nextStep(end, false).kind).to.equal('retry');
    expect(nextStep(closed(1000), false).kind).to.equal('stop');
    expect(nextStep(closed(1008), false).kind).to.equal('stop');
  });

  it('waits as long as the server asks when it is full or restarting', () => {
    expect(nextStep(refused(503, 12), false)).to.include({ kind: 'retry', retryAfterMs: 12_000 });
    expect(nextStep(noTicket(503), false)).to.include({ kind: 'retry', retryAfterMs: 7_000 });
    for (const status of [429, 500, 502, 504]) expect(nextStep(refused(status), false).kind).to.equal('retry');
  });

  it('tries a fresh proof once after 401, then stops', () => {
    for (const end of [refused(401), noTicket(401)]) {
      expect(nextStep(end, false)).to.include({ kind: 'retry', unauthenticated: true });
      expect(nextStep(end, true).kind).to.equal('stop');
    }
  });

  it('stops at once when no repeat can help', () => {
    for (const status of [400, 403, 404, 405, 426]) expect(nextStep(refused(status), false).kind).to.equal('stop');
    expect(nextStep(noTicket(403), false).kind).to.equal('stop');
  });

  it('waits out an endpoint that cannot be had right now', () => {
    expect(nextStep({ kind: 'no_endpoint', error: new ApiUnreachable('gone') }, false)).to.include({
      kind: 'retry',
      why: 'gone',
    });
  });
});
