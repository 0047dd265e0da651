import { expect } from 'chai';
import { delayStep } from '../support/cluster/stage.ts';
import type { Stack } from './stack.ts';
import { type Answered, SteadyTraffic } from './steady-traffic.ts';

/** Begins requests to the door of the stack; the caller stops them. */
export async function startTraffic(
  stack: Stack,
  options: { perSecond: number; unrepeatable: boolean },
): Promise<SteadyTraffic> {
  const { id } = await stack.api('root', 'admin').createWorkflow({ name: 'brief', steps: [delayStep('nothing', 0)] });
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => stack.token(`traffic-${n + 1}`)));
  return new SteadyTraffic({ url: stack.url, tokens, workflowId: id, ...options });
}

/** Every request had the answer it wanted. The failure shows the first few that had not. */
export function expectNoFailure(traffic: SteadyTraffic): void {
  const shown = (one: Answered) =>
    `${one.what} at ${one.at.toFixed(0)} ms: ${one.status} after ${one.tookMs.toFixed(0)} ms by ${one.replica} ${one.error}`;
  const { failed } = traffic;
  expect(failed.slice(0, 5).map(shown), `${failed.length} of ${traffic.answers.length} requests failed`).to.deep.equal(
    [],
  );
}

/** For people who read the output: how many, how fast. */
export function summary(traffic: SteadyTraffic): string {
  const times = traffic.answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number) =>
    `${(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(0)} ms`;
  return `${times.length} requests, ${traffic.failed.length} failed; p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`;
}
