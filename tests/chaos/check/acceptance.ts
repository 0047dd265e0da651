import type { Evidence, StartTry } from '../evidence/evidence.ts';
import { groupBy } from './group-by.ts';
import type { Violation } from './violation.ts';

const isAccepted = ({ status, runId }: StartTry) => status >= 200 && status < 300 && runId !== null;
/** No answer says nothing, nor does an answer that says so; and a try that found another one under way does not decide. */
const isRefused = ({ status, code }: StartTry) => status >= 400 && code !== 'outcome_unknown';

/** What was accepted exists, what was refused does not, and one wish is one run. */
export function checkAcceptance({ starts, runs }: Evidence): Violation[] {
  const stored = new Set(runs.map(({ id }) => id));
  const runsOf = groupBy(runs, ({ wish }) => wish);
  const violations: Violation[] = [];
  for (const [wish, tries] of groupBy(starts, (each) => each.wish)) {
    const exists = (runsOf.get(wish) ?? []).map(({ id }) => id);
    const promised = [...new Set(tries.filter(isAccepted).map(({ runId }) => runId ?? ''))];
    const missing = promised.filter((id) => !stored.has(id));
    if (missing.length > 0) violations.push({ promise: 'accepted', about: `run ${missing.join(', ')} (wish ${wish})` });
    const key = tries[0]?.key ?? null;
    if (promised.length > 1 || exists.length > 1)
      violations.push({
        promise: key === null ? 'refused' : 'keys',
        about: `wish ${wish}${key === null ? ' without a key' : ` with key ${key}`}: told ${promised.join(', ') || 'nothing'}, stored ${exists.join(', ')}`,
      });
    if (exists.length > 0 && tries.every(isRefused)) {
      const codes = tries.map(({ status, code }) => `${status} ${code}`).join(', ');
      violations.push({ promise: 'refused', about: `run ${exists[0]} (wish ${wish}) though every try got ${codes}` });
    }
  }
  const wishes = new Set(starts.map(({ wish }) => wish));
  for (const run of runs) {
    if (run.wish === null || !wishes.has(run.wish))
      violations.push({ promise: 'refused', about: `run ${run.id} of ${run.user}, which nobody asked for` });
  }
  return violations;
}
