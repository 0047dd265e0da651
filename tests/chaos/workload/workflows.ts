import type { Step } from '../../../shared/workflow/definition.ts';
import { delayStep } from '../../support/cluster/stage.ts';
import type { Journal } from '../evidence/journal.ts';
import type { WorkflowKind } from './wish.ts';

/** Steps whose effects the journal sees, with something between them that takes time. */
export function stepsOf(kind: WorkflowKind, journal: Journal): Step[] {
  const call = (name: string, answerAfterMs: number): Step => ({
    name,
    type: 'webhook',
    config: { url: journal.url(answerAfterMs) },
  });
  const middle: Record<WorkflowKind, Step> = {
    calls: delayStep('pause', 0.2),
    long: delayStep('pause', 2.5),
    model: { name: 'pause', type: 'llm', config: { prompt: 'Say something.' } },
  };
  return [call('first', 100), middle[kind], call('second', 150)];
}
