import { repeatedEffects } from './check/effects.ts';
import { groupBy } from './check/group-by.ts';
import { slotUse } from './check/slots.ts';
import { PROMISES, type PromiseName, type Violation } from './check/violation.ts';
import type { Evidence } from './evidence/evidence.ts';
import type { ChaosOptions } from './options.ts';

/** Examples shown of each broken promise. */
const EXAMPLES = 5;

/** What was seen and what does not hold, as lines for people; the last one is the verdict with the counts. */
export function verdictLines(options: ChaosOptions, evidence: Evidence, violations: readonly Violation[]): string[] {
  const { runs, starts, faults, effects, sockets } = evidence;
  const broken = groupBy(violations, ({ promise }) => promise);
  const promises = (Object.keys(PROMISES) as PromiseName[]).flatMap((name) => {
    const found = broken.get(name) ?? [];
    const examples = found.slice(0, EXAMPLES).map(({ about }) => `      ${about}`);
    return [
      `  ${found.length === 0 ? '✓' : '✗'} ${PROMISES[name]}${found.length === 0 ? '' : `: ${found.length}`}`,
      ...examples,
    ];
  });
  const statuses = [...groupBy(runs, ({ status }) => status)].map(([status, list]) => `${list.length} ${status}`);
  const { recorded, witnessed } = slotUse(evidence);
  const frames = sockets.reduce((sum, socket) => sum + socket.frames.length, 0);
  return [
    ...promises,
    `  runs: ${statuses.join(', ')}; ${runs.filter(({ attempt }) => attempt > 1).length} went on after a loss`,
    `  starts: ${starts.length} tries, ${starts.filter(({ status }) => status === 0).length} without an answer, ${starts.filter(({ status }) => status >= 400).length} refused`,
    `  slots at once: ${recorded.most} recorded, ${witnessed.most} witnessed, limit ${evidence.slotLimit}`,
    `  effects: ${effects.length}, ${repeatedEffects(evidence)} of them again; sockets: ${sockets.length} with ${frames} frames`,
    `chaos: seed ${options.seed}, ${runs.length} runs, ${faults.length} faults, ${violations.length} violations`,
  ];
}
