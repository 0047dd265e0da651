import type { SystemStatus } from '../../../shared/protocol/http.ts';
import { ago, estimate } from '../../../shared/wording/duration.ts';
import { gauge } from './gauge.ts';
import { printableLine } from './printable.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

type Component = SystemStatus['components'][number]['status'];

/** The cluster at a glance. `url` says which one. */
export function renderStatus(status: SystemStatus, url: string, style: Style, now: number): string[] {
  const { capacity, queue } = status;
  const level = capacity.level === null ? 'not known' : capacity.level;
  const rows: string[][] = [
    ['  users', usage(capacity.active_users, capacity.max_users, style), `level ${level}`],
    ['  workflows', usage(capacity.active_workflows, capacity.max_workflows, style), ''],
    ['  queue', queueWords(queue.length, queue.estimated_wait_seconds), ''],
    ['  features', features(status, style), ''],
  ];
  if (status.providers.length > 0)
    rows.push(['  models', status.providers.map((provider) => providerWords(provider, style, now)).join('   '), '']);
  rows.push([
    '  components',
    status.components.map((part) => `${dot(part.status, style)} ${printableLine(part.name)}`).join('   '),
    '',
  ]);
  const incidents = status.incidents.map((incident) => {
    const due = incident.estimated_resolution_at;
    const hope = due === null ? 'end not known yet' : dueWords(due, now);
    return `  ${style.yellow('!')} ${printableLine(incident.title)} ${style.dim(`(${hope})`)}`;
  });
  return [
    `${style.bold('Weir')} is ${healthWord(status.status, style)}  ${style.dim(url)}`,
    ...(status.message === null ? [] : [`  ${style.yellow(printableLine(status.message))}`]),
    '',
    ...alignFirst(rows, style),
    ...(incidents.length > 0 ? ['', ...incidents] : []),
  ];
}

/** Only the first column is aligned: the second is free text of any length. */
function alignFirst(rows: string[][], style: Style): string[] {
  const labels = renderTable(rows.map((row) => [row[0] ?? '', '.'])).map((label) => label.slice(0, -1));
  return rows.map((row, index) => `${labels[index]}${row[1]}${row[2] ? `   ${style.dim(row[2])}` : ''}`);
}

function usage(used: number | null, limit: number | null, style: Style): string {
  if (used === null || limit === null) return 'not known';
  return `${gauge(used, limit, style)} ${used} of ${limit}`;
}

function queueWords(length: number | null, wait: number | null): string {
  if (length === null) return 'not known';
  if (length === 0) return 'nobody waiting';
  return `${length} waiting, ${wait === null ? 'wait not known yet' : `${estimate(wait)} for the next to join`}`;
}

function features(status: SystemStatus, style: Style): string {
  const off = status.features.disabled.map((name) => name.replaceAll('_', ' '));
  return off.length === 0 ? 'all on' : style.yellow(`off: ${off.join(', ')}`);
}

function providerWords(provider: SystemStatus['providers'][number], style: Style, now: number): string {
  const facts = [
    ...(provider.name === provider.role ? [] : [provider.role]),
    ...(provider.active ? ['in use'] : []),
    ...(provider.status === 'operational' || provider.since === null
      ? []
      : [`since ${ago(provider.since, now).replace(' ago', '')}`]),
  ];
  return `${dot(provider.status, style)} ${printableLine(provider.name)}${facts.length === 0 ? '' : ` ${style.dim(`(${facts.join(', ')})`)}`}`;
}

function dot(status: Component, style: Style): string {
  if (status === 'operational') return style.green('✓');
  return status === 'degraded' ? style.yellow('! degraded:') : style.red('✗ down:');
}

function healthWord(status: SystemStatus['status'], style: Style): string {
  const paint = status === 'Healthy' ? style.green : status === 'Degraded' ? style.yellow : style.red;
  return style.bold(paint(status));
}

function dueWords(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  return seconds > 0 ? `over in ${estimate(seconds)}` : `expected to be over ${ago(iso, now)}`;
}
