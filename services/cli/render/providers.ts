import type { ProvidersAnswer } from '../../../shared/protocol/http.ts';
import { ago, estimate } from '../../../shared/wording/duration.ts';
import { printableLine } from './printable.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

type Provider = ProvidersAnswer['providers'][number];

/** Failures shown of each provider. */
const FAILURES_SHOWN = 5;

/** Which provider answers, how each stands, and what has failed lately. */
export function renderProviders(answer: ProvidersAnswer, style: Style, now: number): string[] {
  if (answer.providers.length === 0) return ['No model provider is configured. See WEIR_LLM_PRIMARY_BASE_URL.'];
  const header = ['PROVIDER', 'ROLE', 'STATE', 'SINCE', 'WHY', 'NEXT PROBE', 'MODEL', 'ENDPOINT'].map((cell) =>
    style.dim(cell),
  );
  const rows = answer.providers.map((provider) => [
    `${provider.active ? style.green('▸') : ' '} ${printableLine(provider.name)}`,
    provider.role,
    stateWord(provider.state, style),
    provider.since === null ? '' : ago(provider.since, now),
    provider.reason === null ? '' : printableLine(provider.reason.replaceAll('_', ' ')),
    nextProbe(provider, now),
    printableLine([provider.model, provider.large_model].filter(Boolean).join(', ')),
    printableLine(provider.endpoint),
  ]);
  return [summary(answer, style, now), '', ...renderTable([header, ...rows]), ...failures(answer, style, now)];
}

function summary({ active, active_since, forced }: ProvidersAnswer, style: Style, now: number): string {
  const since = active_since === null ? '' : style.dim(` (since ${ago(active_since, now).replace(' ago', '')})`);
  const force =
    forced === null ? '' : style.yellow(` · ${printableLine(forced)} is forced; "weir providers release" ends it`);
  if (active === null) return `${style.red('No provider can be asked right now')}${since}${force}`;
  return `${style.bold(printableLine(active))} answers${since}${force}`;
}

function stateWord(state: Provider['state'], style: Style): string {
  if (state === 'closed') return style.green('closed');
  return state === 'open' ? style.red('open') : style.yellow('half open');
}

function nextProbe({ state, next_probe_at: at }: Provider, now: number): string {
  if (state === 'half_open') return 'now';
  if (at === null) return '';
  const seconds = (Date.parse(at) - now) / 1_000;
  return seconds > 0 ? `in ${estimate(seconds).replace('about ', '')}` : 'due';
}

function failures({ providers }: ProvidersAnswer, style: Style, now: number): string[] {
  const rows = providers.flatMap(({ name, recent_failures: recent }) =>
    recent
      .slice(0, FAILURES_SHOWN)
      .map(({ at, kind, status, replica }) => [
        `  ${ago(at, now)}`,
        printableLine(name),
        `${printableLine(kind.replaceAll('_', ' '))}${status === null ? '' : ` (${status})`}`,
        style.dim(printableLine(replica)),
      ]),
  );
  return rows.length === 0 ? [] : ['', style.dim('failures of the last hour'), ...renderTable(rows)];
}
