import type { SystemStatus } from '../../../../shared/protocol/http.ts';
import { estimate } from '../../../../shared/wording/duration.ts';
import { type Html, html } from '../docs-page/html.ts';
import { uptimeBars } from './bars.ts';
import { incidentList, time } from './incident-list.ts';
import type { Standing } from './status-board.ts';
import { nameOf } from './statuspage.ts';
import { COMPONENT_WORDS, clock, expectation, HEADLINES, percent } from './words.ts';

/** Only what the service brings itself, nothing within the page. */
export const STATUS_PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The status page. Readable as it is; the script only replaces its `main` by a newer one.
 * `stale`: the page is to be shown when nobody can be asked; then nothing on it is said to be so now.
 */
export function statusPage(standing: Standing, { stale }: { stale: boolean }): string {
  const { status } = standing;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${stale ? 'Live data unavailable' : HEADLINES[status.status]} – Weir status</title>
<link rel="icon" href="/console/favicon.svg"><link rel="stylesheet" href="/status/style.css"><link rel="alternate" type="application/rss+xml" title="Incidents" href="/status/feed.rss">
<script src="/status/script.js" defer></script></head>
<body>
<header><a class="brand" href="/status">Weir <span>status</span></a><nav><a href="/status/feed.rss">RSS</a> <a href="/api/v1/system/summary.json">JSON</a></nav></header>
${mainPart(standing, stale)}
<footer class="soft">Times in UTC. This page renews itself while it is open.</footer>
</body></html>
`.text;
}

function mainPart({ status, past, uptime }: Standing, stale: boolean): Html {
  const now = status.at;
  return html`<main data-at="${now}"${stale && html` data-stale="true"`}>
${stale ? staleBanner(now) : banner(status)}
${status.incidents.length > 0 && html`<section><h2>${stale ? 'Known issues at that time' : 'Known issues'}</h2>${incidentList(status.incidents, now)}</section>`}
${status.maintenance.length > 0 && html`<section><h2>Planned maintenance</h2>${incidentList(status.maintenance, now)}</section>`}
<section><h2>Components${stale && ' at that time'}</h2><ul class="card components">${status.components.map(
    ({ name, status: health }) => {
      const bars = uptime?.components.find((component) => component.name === name);
      return html`<li><div class="row"><strong>${nameOf(name)}</strong><span class="${stale ? 'soft' : `state ${health}`}">${COMPONENT_WORDS[health]}${stale && ` at ${clock(now, now)}`}</span></div>
${bars && html`${uptimeBars(bars)}<div class="row soft"><span>90 days ago</span><span>${bars.uptime_ratio === null ? 'uptime not known yet' : `${percent(bars.uptime_ratio)} uptime`}</span><span>today</span></div>`}</li>
`;
    },
  )}</ul></section>
${!stale && capacity(status)}
<section><h2>Past incidents</h2>${past.length === 0 ? html`<p class="soft">None in the last two weeks.</p>` : incidentList(past, now)}</section>
</main>`;
}

function banner(status: SystemStatus): Html {
  const issues = status.incidents.length > 0;
  return html`<section class="banner ${status.status.toLowerCase()}" role="status"><h1>${HEADLINES[status.status]}</h1>
${status.message !== null && html`<p>${status.message}</p>`}
${issues && html`<p>${expectation(status.estimated_resolution_at, status.estimate_confidence, status.at)}</p>`}
<p class="soft">As of ${time(status.at, status.at)}</p></section>`;
}

function staleBanner(at: string): Html {
  return html`<section class="banner down" role="status"><h1>As of ${clock(at, '')}, live data unavailable</h1>
<p>The service cannot be asked right now. What is shown below was so at that time; how it is now is not known.</p></section>`;
}

function capacity({
  capacity: { active_users, max_users, active_workflows, max_workflows },
  queue,
  features,
  providers,
}: SystemStatus): Html {
  const wait = queue.estimated_wait_seconds;
  const rows: Array<[string, string]> = [
    ['People connected', usage(active_users, max_users)],
    ['Workflows running', usage(active_workflows, max_workflows)],
    [
      'Waiting',
      queue.length === null
        ? 'not known'
        : `${queue.length}${wait !== null && queue.length > 0 ? `, ${estimate(wait)} for the next to join` : ''}`,
    ],
    [
      'Live features',
      features.disabled.length === 0 ? 'all on' : `off: ${features.disabled.join(', ').replaceAll('_', ' ')}`,
    ],
    ...providers.map(({ name, role, status, active }): [string, string] => [
      `Model provider ${name}`,
      `${COMPONENT_WORDS[status]}${active ? ', in use' : ''}${name === role ? '' : ` (${role})`}`,
    ]),
  ];
  return html`<section><h2>Now</h2><dl class="card facts">${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

function usage(used: number | null, limit: number | null): string {
  return used === null || limit === null ? 'not known' : `${used} of ${limit}`;
}
