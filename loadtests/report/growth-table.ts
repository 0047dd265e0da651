import type { Growth } from '../measure/growth.ts';
import { IN_BYTES } from '../measure/vitals.ts';
import { figure } from './figures.ts';

const MB = 1_000_000;

/** One row per part and quantity, those that grow first. */
export function growthRows(growth: readonly Growth[]): string[][] {
  const rank = ({ verdict }: Growth) => (verdict === 'growing' ? 0 : 1);
  return [...growth]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ part, quantity, mean, perHour, share, verdict }) => {
      const amount = (value: number) => (IN_BYTES.has(quantity) ? `${figure(value / MB)} MB` : figure(value));
      // A slope over a minute, told per hour, would be a frightening number that means nothing.
      const line = verdict === 'too short' ? ['–', '–'] : [amount(perHour), `${figure(share * 100)} %`];
      return [`${part}, ${quantity}`, amount(mean), ...line, verdict];
    });
}
