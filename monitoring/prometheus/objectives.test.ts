import { expect } from 'chai';
import { ERROR_CATALOGUE, type ErrorCode } from '../../shared/errors/catalogue.ts';
import { FAILURE_CODES, type FailureCode } from '../../shared/workflow/failure-codes.ts';
import { recordingRules } from '../../tests/support/monitoring/rule-files.ts';

/** Answers from 500 upwards that are no fault of the service. */
const NOT_OURS: Partial<Record<ErrorCode, string>> = {
  queue_full: 'a promise kept: more is not accepted than can be done',
  users_full: 'a promise kept: who is connected stays connected',
  draining: 'Nginx asks another replica; whoever asked does not see it',
  no_replica: 'said by Nginx, whom no replica counts: NoReplicaAnswers speaks of it',
};

/** Failures of runs that their workflow brought about. */
const BY_THE_WORKFLOW: Partial<Record<FailureCode, string>> = {
  template_invalid: 'its template does not fit its payload',
  llm_rejected: 'the provider refuses its prompt',
  webhook_refused: 'its address is not on the allow-list',
  webhook_unreachable: 'its server does not answer',
  webhook_answer: 'its server answers with an error',
  webhook_timeout: 'its server is slow',
};

/** The codes that rules/slo.yml counts as errors of an objective. */
function counted(slo: string): string[] {
  const rule = recordingRules().find(
    ({ record, labels }) => record === 'slo:weir_bad_events:total' && labels?.slo === slo,
  );
  return (/code=~"([^"]+)"/.exec(rule?.expr ?? '')?.[1] ?? '').split('|').sort();
}

describe('what counts against the objectives', () => {
  it('availability: every answer from 500 upwards, but for those that are named here with a reason', () => {
    const ours = (Object.keys(ERROR_CATALOGUE) as ErrorCode[]).filter(
      (code) => ERROR_CATALOGUE[code].status >= 500 && NOT_OURS[code] === undefined,
    );
    expect(counted('availability')).to.deep.equal(ours.sort());
  });

  it('runs: every failure, but for those that the workflow itself brought about', () => {
    const ours = FAILURE_CODES.filter((code) => BY_THE_WORKFLOW[code] === undefined);
    expect(counted('runs')).to.deep.equal([...ours].sort());
  });
});
