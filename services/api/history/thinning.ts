import type { Samples } from '../../../db/repositories/samples.ts';
import { mergeBySlot } from './merge-samples.ts';
import { RESOLUTIONS } from './resolutions.ts';

/** Ms after the end of a coarse slot before it is made: whoever was without Postgres brings its fine samples first. */
const GRACE_MS = 30_000;
/** Fine samples read at once, and rows deleted at once. */
const BATCH = 2_000;

/**
 * Makes coarser samples out of finer ones and deletes what is too old. Any number of replicas may do so at once: they make the same rows,
 * of which the first stays.
 */
export async function thin(samples: Pick<Samples, 'edges' | 'read' | 'store' | 'prune'>, now: number): Promise<void> {
  for (const [index, { seconds: coarse }] of RESOLUTIONS.entries()) {
    const fine = RESOLUTIONS[index - 1];
    if (fine !== undefined) await makeCoarser(samples, fine.seconds, coarse, now);
  }
  for (const { seconds, keptFor } of RESOLUTIONS) await samples.prune(seconds, new Date(now - keptFor * 1_000), BATCH);
}

async function makeCoarser(
  samples: Pick<Samples, 'edges' | 'read' | 'store'>,
  fine: number,
  coarse: number,
  now: number,
): Promise<void> {
  const [made, there] = await Promise.all([samples.edges(coarse), samples.edges(fine)]);
  if (there === null) return;
  const slotMs = coarse * 1_000;
  const floor = (ms: number) => Math.floor(ms / slotMs) * slotMs;
  let from = Math.max(floor(there.first.getTime()), made === null ? 0 : made.last.getTime() + slotMs);
  const to = floor(now - GRACE_MS);
  while (from < to) {
    // By number, not by time: a cluster that was off for a year has a gap that costs nothing.
    const rows = await samples.read(fine, new Date(from), new Date(to), BATCH);
    const slots = mergeBySlot(rows, coarse);
    // A full batch ends in the middle of a slot; the next one begins with it.
    const whole = rows.length < BATCH ? slots : slots.slice(0, -1);
    await samples.store(whole);
    if (whole.length === slots.length) return;
    from = slots.at(-1)?.at.getTime() ?? to;
  }
}
