import type { RunAnswer } from '../../../../shared/protocol/http.ts';
import type { Runs } from './apply-frame.ts';
import { viewOf } from './run-view.ts';

/** How much frames have told of a run so far: to be asked before the API is, and given to {@link applyAnswer}. */
export function newsOf(runs: Runs, runId: string): number {
  return runs.get(runId)?.news ?? 0;
}

/**
 * What is known of the user's runs after an answer of the API, which was asked for after `news`. One that frames have overtaken is dropped: it may
 * be from before them, and a run that it took back to an earlier status would stay there until the next frame, after its end for good.
 * The price is what only answers tell (outputs, tokens): it comes with the next reading, which frames that leave something open ask for.
 */
export function applyAnswer(runs: Runs, answer: RunAnswer, news: number): Runs {
  if (newsOf(runs, answer.id) !== news) return runs;
  return new Map(runs).set(answer.id, viewOf(answer, runs.get(answer.id)));
}
