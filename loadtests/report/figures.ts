import type { Verdict } from '../thresholds.ts';

/** As people read it: three digits that matter, – where nothing was measured. */
export function figure(value: number | null): string {
  if (value === null) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

export function measuredOf({ value, unit }: Verdict): string {
  return value === null ? 'nothing measured' : inUnit(value, unit);
}

export function limitOf({ limit, unit }: Verdict): string {
  if (unit === 'least share') return `at least ${inUnit(limit, unit)}`;
  if (unit === 'times') return limit === 0 ? 'never' : `at most ${limit}`;
  return unit === 'share' && limit === 1 ? 'any' : `< ${inUnit(limit, unit)}`;
}

function inUnit(value: number, unit: Verdict['unit']): string {
  if (unit === 'ms') return `${figure(value)} ms`;
  return unit === 'share' || unit === 'least share' ? `${figure(value * 100)} %` : figure(value);
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
