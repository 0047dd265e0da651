import type { Incident } from '../../../../shared/protocol/http.ts';
import { type Html, html } from '../docs-page/html.ts';
import { nameOf } from './statuspage.ts';
import { clock, expectation, statusWord } from './words.ts';

/** Incidents with all that was said about them. `now`: ISO time of the page. */
export function incidentList(incidents: readonly Incident[], now: string): Html[] {
  return incidents.map((incident) => incidentCard(incident, now));
}

function incidentCard(incident: Incident, now: string): Html {
  const open = incident.resolved_at === null;
  const planned = incident.scheduled_for !== null;
  return html`<article class="card ${open ? `impact-${incident.impact}` : 'over'}" id="incident-${incident.id}">
<h3>${incident.title}</h3>
<p class="soft"><strong>${statusWord(incident.status)}</strong>${incident.components.length > 0 && html` · ${incident.components.map(nameOf).join(', ')}`} · ${planned ? 'planned for' : 'since'} ${time(incident.started_at, now)}${planned && incident.scheduled_until !== null && html` until ${time(incident.scheduled_until, now)}`}${incident.resolved_at !== null && html`, over at ${time(incident.resolved_at, now)}`}</p>
${open && !planned && html`<p>${expectation(incident.estimated_resolution_at, incident.estimate_confidence, now)}</p>`}
<ol class="updates">${incident.updates.map(
    (update) =>
      html`<li><strong>${statusWord(update.status)}</strong> <span class="soft">${time(update.at, now)}</span><br>${update.message}</li>`,
  )}</ol>
</article>
`;
}

export function time(iso: string, now: string): Html {
  return html`<time datetime="${iso}">${clock(iso, now)}</time>`;
}
