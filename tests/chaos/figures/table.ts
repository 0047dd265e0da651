import { median } from '../../../loadtests/bench/figures.ts';
import type { Figure } from './figure.ts';

export interface Measured {
  figure: Figure;
  values: readonly number[];
}

/** Markdown, one line for each figure. */
export function tableOf(measured: readonly Measured[]): string[] {
  return [
    '| what | times | median | worst | promised |',
    '|---|---|---|---|---|',
    ...measured.map(({ figure, values }) => {
      const show = (value: number) => shown(value, figure.unit);
      const worst = Math.max(...values);
      const isBroken = values.some((value) => value > figure.most);
      const cells = [figure.about, values.length, show(median(values)), show(worst), `≤ ${show(figure.most)}`];
      return `| ${cells.join(' | ')}${isBroken ? ', not met' : ''} |`;
    }),
  ];
}

function shown(value: number, unit: Figure['unit']): string {
  if (unit === 'requests') return String(value);
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}
