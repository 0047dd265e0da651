import type { Sample, Samples } from '../../../db/repositories/samples.ts';
import { RESOLUTIONS } from './resolutions.ts';

/** Rows of one reading at most; a bound for the memory of whoever asks for too much, far above what the steps lead to. */
const MAX_ROWS = 20_000;

/**
 * Samples of that resolution that begin in [from, to), and after the last of them finer ones: coarse samples are made after their time has
 * passed, and what has just happened is not to be missing until then. Oldest first.
 */
export async function readSamples(
  samples: Pick<Samples, 'read'>,
  { from, to, resolution }: { from: Date; to: Date; resolution: number },
): Promise<Sample[]> {
  const found: Sample[] = [];
  let since = from;
  for (const { seconds } of RESOLUTIONS.filter((one) => one.seconds <= resolution).reverse()) {
    const rows = await samples.read(seconds, since, to, MAX_ROWS);
    for (const row of rows) found.push(row);
    const last = rows.at(-1);
    if (last !== undefined) since = new Date(last.at.getTime() + seconds * 1_000);
  }
  return found;
}
