import { expect } from 'chai';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { toProblem } from '../../shared/errors/problem.ts';
import { WeirError, type WeirErrorOptions } from '../../shared/errors/weir-error.ts';
import { ApiProblem } from '../../shared/protocol/client/api-problem.ts';
import { ApiUnreachable } from '../../shared/protocol/client/api-unreachable.ts';
import { describeFailure } from './failure.ts';
import { createStyle } from './render/style.ts';
import { UsageError } from './usage-error.ts';

const describeError = (error: unknown) => describeFailure(error, createStyle(false));
const problem = (code: ErrorCode, options: WeirErrorOptions = {}) =>
  new ApiProblem(toProblem(new WeirError(code, options), 'correlation-1'), options.retryAfterSeconds ?? null);

describe('describeFailure', () => {
  it('shows a problem as sentence, fields and correlation id', () => {
    const errors = [
      { path: 'name', message: 'Required' },
      { path: 'steps.0.config.prompt', message: 'Too long' },
    ];
    const failure = describeError(problem('validation_failed', { errors }));
    expect(failure.exitCode).to.equal(3);
    expect(failure.document).to.include({ code: 'validation_failed', correlation_id: 'correlation-1' });
    expect(failure.lines).to.deep.equal([
      '✘ Some of the values sent are not valid. The errors list names each field.',
      '    name                   Required',
      '    steps.0.config.prompt  Too long',
      '  Correlation id: correlation-1',
    ]);
  });

  it('says when to come back, and what to do without a valid token', () => {
    expect(describeError(problem('user_queue_full', { retryAfterSeconds: 42 })).lines).to.include(
      '  Come back in about 42 s.',
    );
    expect(describeError(problem('unauthenticated')).lines).to.include('  WEIR_TOKEN holds the token that is sent.');
  });

  it('gives refusals, outages and wrong usage codes of their own', () => {
    expect(describeError(problem('run_not_found')).exitCode).to.equal(3);
    expect(describeError(problem('queue_full')).exitCode).to.equal(4);
    expect(describeError(problem('internal')).exitCode).to.equal(4);
    expect(describeError(new ApiUnreachable('No answer from http://x.'))).to.deep.include({
      exitCode: 4,
      document: { code: 'unreachable', detail: 'No answer from http://x.' },
    });
    expect(describeError(new UsageError('No.', 'Try this.'))).to.deep.equal({
      exitCode: 2,
      document: { code: 'usage', detail: 'No.' },
      lines: ['✘ No.', '  Try this.'],
    });
  });

  it('does not dress a fault of the program up as an answer', () => {
    const fault = new TypeError('x is undefined');
    expect(() => describeError(fault)).to.throw(fault);
  });
});
