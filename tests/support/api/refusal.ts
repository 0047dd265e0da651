import { expect } from 'chai';
import { WeirError } from '../../../shared/errors/weir-error.ts';

/** The error with which a token is refused; a token that is accepted fails the test. */
export async function refusal(attempt: Promise<unknown>): Promise<WeirError> {
  try {
    await attempt;
  } catch (error) {
    expect(error).to.be.instanceOf(WeirError);
    return error as WeirError;
  }
  throw new Error('the token was accepted');
}
