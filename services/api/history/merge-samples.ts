import type { Sample } from '../../../db/repositories/samples.ts';

/**
 * One sample out of several: the greatest of what is a state, the sum of what is a count. Percentiles are made of the summed buckets
 * afterwards. Throws when there are none.
 */
export function mergeSamples(samples: readonly Sample[], at: Date, resolution: number): Sample {
  const [first] = samples;
  if (first === undefined) throw new RangeError('no samples to merge');
  const greatest = (value: (sample: Sample) => number | null) =>
    samples.reduce<number | null>((most, sample) => {
      const one = value(sample);
      return one === null || (most !== null && most >= one) ? most : one;
    }, null);
  const total = (value: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + value(sample), 0);
  return {
    at,
    resolution,
    seconds: total(({ seconds }) => seconds),
    users: greatest(({ users }) => users),
    maxUsers: greatest(({ maxUsers }) => maxUsers),
    slots: greatest(({ slots }) => slots),
    maxSlots: greatest(({ maxSlots }) => maxSlots),
    queueLength: greatest(({ queueLength }) => queueLength),
    level: greatest(({ level }) => level),
    sockets: greatest(({ sockets }) => sockets),
    started: total(({ started }) => started),
    finished: total(({ finished }) => finished),
    failed: total(({ failed }) => failed),
    requests: total(({ requests }) => requests),
    errors: total(({ errors }) => errors),
    latency: addUp(samples.map(({ latency }) => latency)),
    degraded: addUp(samples.map(({ degraded }) => degraded)),
    down: addUp(samples.map(({ down }) => down)),
  };
}

/** Samples by the slots of `resolution` seconds in which they begin, merged, oldest first. */
export function mergeBySlot(samples: readonly Sample[], resolution: number): Sample[] {
  const slots = new Map<number, Sample[]>();
  for (const sample of samples) {
    const slot = Math.floor(sample.at.getTime() / (resolution * 1_000)) * resolution * 1_000;
    const others = slots.get(slot);
    if (others === undefined) slots.set(slot, [sample]);
    else others.push(sample);
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([slot, members]) => mergeSamples(members, new Date(slot), resolution));
}

/** Sums by place; a shorter list (of a release with fewer parts) counts as zeros. */
export function addUp(lists: ReadonlyArray<readonly number[]>): number[] {
  const sums: number[] = [];
  for (const list of lists) for (const [index, value] of list.entries()) sums[index] = (sums[index] ?? 0) + value;
  return sums;
}
