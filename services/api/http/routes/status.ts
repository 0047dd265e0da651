import { z } from 'zod';
import { statuspageSummarySchema, systemStatusSchema } from '../../../../shared/protocol/http.ts';
import { FreshValue } from '../../admission/fresh-value.ts';
import { defineRoute, type Route } from '../route.ts';
import { feed } from '../status-page/feed.ts';
import { STATUS_PAGE_POLICY, statusPage } from '../status-page/page.ts';
import { STATUS_SCRIPT } from '../status-page/script.ts';
import type { StatusBoard } from '../status-page/status-board.ts';
import { statuspageSummary } from '../status-page/statuspage.ts';
import { STATUS_STYLE } from '../status-page/style.ts';

export interface StatusDeps {
  board: Pick<StatusBoard, 'status' | 'standing'>;
  /** Address of the service for people; empty: the one that was asked for. */
  publicUrl: string;
}

/** Everybody looks at the page in a crisis; it is rendered at most this often (ms). */
const PAGE_AGE_MS = 1_000;

/** What a release brings may be old for a minute. */
const FILE_CACHE = { 'Cache-Control': 'public, max-age=60' };

const addressHeaders = z.object({ Host: z.string().optional(), 'X-Forwarded-Proto': z.string().optional() });

/** The status for programs and for people; all public. */
export function statusRoutes({ board, publicUrl }: StatusDeps): Route[] {
  const page = new FreshValue(async () => statusPage(await board.standing(), { stale: false }), PAGE_AGE_MS);
  const urlOf = (headers: z.infer<typeof addressHeaders>) => publicUrl || askedUrl(headers);
  const common = { method: 'get', tag: 'Service', access: 'public' } as const;
  const file = (path: string, summary: string, mediaType: string, content: string) =>
    defineRoute({
      ...common,
      path,
      summary,
      input: {},
      answer: { status: 200, description: 'The file.', mediaType },
      handle: () => ({ text: content, headers: { ...FILE_CACHE, 'Content-Type': `${mediaType}; charset=utf-8` } }),
    });
  return [
    defineRoute({
      ...common,
      path: '/api/v1/system/status',
      summary: 'How is the service?',
      description: 'Public. At most a second old.',
      input: {},
      answer: {
        status: 200,
        description: 'Also when something is down: `status` says so.',
        schema: systemStatusSchema,
      },
      handle: async () => ({ body: await board.status() }),
    }),
    defineRoute({
      ...common,
      path: '/api/v1/system/summary.json',
      summary: 'The status in the shape of Statuspage',
      description: 'For programs that read `summary.json` of Atlassian Statuspage. Public. At most a second old.',
      input: { headers: addressHeaders },
      answer: {
        status: 200,
        description: 'Status, components, incidents, maintenance.',
        schema: statuspageSummarySchema,
      },
      handle: async ({ headers }) => ({ body: statuspageSummary(await board.status(), urlOf(headers)) }),
    }),
    defineRoute({
      ...common,
      path: '/status',
      summary: 'The status page',
      input: {},
      answer: { status: 200, description: 'A page that needs no script.', mediaType: 'text/html' },
      handle: async () => ({
        text: await page.get(),
        headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': STATUS_PAGE_POLICY },
      }),
    }),
    file('/status/style.css', 'Style of the status page', 'text/css', STATUS_STYLE),
    file('/status/script.js', 'Script of the status page', 'text/javascript', STATUS_SCRIPT),
    defineRoute({
      ...common,
      path: '/status/feed.rss',
      summary: 'Incidents and maintenance as RSS',
      input: { headers: addressHeaders },
      answer: {
        status: 200,
        description: 'Those of the last two weeks and what is planned.',
        mediaType: 'application/rss+xml',
      },
      async handle({ headers }) {
        const { status, past } = await board.standing();
        const text = feed([...status.incidents, ...status.maintenance, ...past], urlOf(headers), status.at);
        return { text, headers: { 'Content-Type': 'application/rss+xml; charset=utf-8' } };
      },
    }),
  ];
}

/** Nothing but an address may get from a header into a link. */
function askedUrl({ Host: host = '', 'X-Forwarded-Proto': scheme }: z.infer<typeof addressHeaders>): string {
  if (!/^[A-Za-z0-9.:[\]-]{1,255}$/.test(host)) return '';
  return `${scheme === 'https' ? 'https' : 'http'}://${host}`;
}
