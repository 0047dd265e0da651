import type { Incident } from '../../../../shared/protocol/http.ts';
import { type Html, html } from '../docs-page/html.ts';
import { statusWord } from './words.ts';

/** XML 1.0 has no way to write these, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu;

/** Incidents and maintenance as RSS 2.0, newest first. `url`: of the service. An item changes its `guid` with each update, so that readers show it anew. */
export function feed(incidents: readonly Incident[], url: string, at: string): string {
  const latest = [...incidents].sort((a, b) => lastWord(b).localeCompare(lastWord(a)));
  const text = html`<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Weir status</title>
<link>${url}/status</link>
<atom:link href="${url}/status/feed.rss" rel="self" type="application/rss+xml"/>
<description>Incidents and maintenance</description>
<language>en</language>
<lastBuildDate>${rfc822(at)}</lastBuildDate>
${latest.map((incident) => item(incident, url))}</channel></rss>
`.text;
  return text.replace(NOT_XML, '\ufffd');
}

function item(incident: Incident, url: string): Html {
  const last = lastWord(incident);
  const said = incident.updates.map(({ at, status, message }) => `${rfc822(at)} – ${statusWord(status)}: ${message}`);
  return html`<item>
<title>${statusWord(incident.status)}: ${incident.title}</title>
<link>${url}/status#incident-${incident.id}</link>
<guid isPermaLink="false">${incident.id}:${last}</guid>
<pubDate>${rfc822(last)}</pubDate>
<description>${said.join('\n')}</description>
</item>
`;
}

function lastWord(incident: Incident): string {
  return incident.updates[0]?.at ?? incident.started_at;
}

/** The form RSS wants; `toUTCString` writes GMT, which it allows. */
function rfc822(iso: string): string {
  return new Date(iso).toUTCString();
}
