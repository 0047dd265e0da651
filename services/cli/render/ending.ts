import { duration } from '../../../shared/wording/duration.ts';
import type { Ending } from '../watch/updates.ts';
import { printableLine } from './printable.ts';
import { statusMark } from './status-mark.ts';
import type { Style } from './style.ts';
import { resultLines } from './value.ts';

export interface EndingOptions {
  style: Style;
  program: string;
  runId: string;
  /** Output shown last; a result that says the same is not repeated. */
  lastOutput: string;
}

/** The last lines of a watched run: what came of it, and what to do next. */
export function renderEnding(ending: Ending, options: EndingOptions): string[] {
  const { style, program, runId } = options;
  const mark = statusMark(ending.status, style);
  const took =
    ending.run?.started_at && ending.run.finished_at
      ? Date.parse(ending.run.finished_at) - Date.parse(ending.run.started_at)
      : null;
  switch (ending.status) {
    case 'succeeded': {
      const result = resultLines(ending.result, ending.run?.steps);
      const news = result.length > 0 && result.join('\n') !== options.lastOutput.trimEnd();
      return [`${mark}${took === null ? '' : ` in ${duration(took)}`}`, ...(news ? ['', ...result] : [])];
    }
    case 'failed': {
      const where = ending.step === null ? '' : ` in step ${printableLine(ending.step)}`;
      return [
        `${mark}${where}: ${printableLine(ending.reason ?? ending.message)}`,
        style.dim(`  Go on from the last finished step: ${program} retry ${runId} --watch`),
        ...(ending.run ? [style.dim(`  Correlation id: ${printableLine(ending.run.correlation_id)}`)] : []),
      ];
    }
    default:
      return [`${mark}: ${printableLine(ending.message)}`];
  }
}
