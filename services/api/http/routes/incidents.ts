import type { z } from 'zod';
import type { Incidents } from '../../../../db/repositories/incidents.ts';
import {
  incidentBodySchema,
  incidentPageSchema,
  incidentPatchSchema,
  incidentSchema,
  incidentsQuerySchema,
  incidentUpdateBodySchema,
} from '../../../../shared/protocol/http.ts';
import type { IncidentParts } from '../../incidents/create-incidents.ts';
import { type Audience, incidentAnswer } from '../../incidents/incident-answer.ts';
import { idParams } from '../id-params.ts';
import { readPage } from '../page.ts';
import { defineRoute, type Route } from '../route.ts';

export interface IncidentRoutesDeps {
  incidents: Pick<IncidentParts, 'change'>;
  stored: Pick<Incidents, 'list'>;
}

const ADMIN_PATH = '/api/v1/admin/incidents';
const TAG = 'Incidents';

/** What is and was wrong: everybody reads it, administrators write it. */
export function incidentRoutes({ incidents, stored }: IncidentRoutesDeps): Route[] {
  const list = async (query: z.infer<typeof incidentsQuerySchema>, audience: Audience) => {
    const { rows, nextCursor } = await readPage(query, (page) =>
      stored.list({ ...page, open: query.status === 'open' }),
    );
    return { body: { items: rows.map((row) => incidentAnswer(row, audience)), next_cursor: nextCursor } };
  };
  const listing = {
    method: 'get',
    tag: TAG,
    input: { query: incidentsQuerySchema },
    answer: { status: 200, description: 'One page.', schema: incidentPageSchema },
    errors: ['invalid_cursor', 'storage_unavailable'],
  } as const;
  return [
    defineRoute({
      ...listing,
      errors: [...listing.errors],
      path: '/api/v1/incidents',
      summary: 'List incidents and maintenance, newest first',
      description: 'Public.',
      access: 'public',
      handle: ({ query }) => list(query, 'public'),
    }),
    defineRoute({
      ...listing,
      errors: [...listing.errors],
      path: ADMIN_PATH,
      summary: 'List incidents with who wrote and changed what',
      access: 'admin',
      handle: ({ query }) => list(query, 'admin'),
    }),
    defineRoute({
      method: 'post',
      path: ADMIN_PATH,
      tag: TAG,
      summary: 'Open an incident, or plan maintenance',
      description: 'On the status page within a second. Maintenance begins and ends by itself at the times given.',
      access: 'admin',
      input: { body: incidentBodySchema },
      answer: { status: 201, description: 'Opened.', schema: incidentSchema },
      errors: ['storage_unavailable'],
      handle: async ({ body, caller }) => ({
        body: incidentAnswer(await incidents.change.create(body, caller.userId), 'admin'),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${ADMIN_PATH}/:id`,
      tag: TAG,
      summary: 'Change what an incident says, or when it is expected to be over',
      description: 'Fields not named stay as they are. The change is recorded.',
      access: 'admin',
      input: { params: idParams, body: incidentPatchSchema },
      answer: { status: 200, description: 'Changed.', schema: incidentSchema },
      errors: ['incident_not_found', 'storage_unavailable'],
      handle: async ({ params, body, caller }) => ({
        body: incidentAnswer(await incidents.change.change(params.id, body, caller.userId), 'admin'),
      }),
    }),
    defineRoute({
      method: 'post',
      path: `${ADMIN_PATH}/:id/updates`,
      tag: TAG,
      summary: 'Tell what is new about an incident, or that it is over',
      access: 'admin',
      input: { params: idParams, body: incidentUpdateBodySchema },
      answer: { status: 201, description: 'Told; `resolved` and `completed` close it.', schema: incidentSchema },
      errors: ['incident_not_found', 'incident_closed', 'incident_stage_invalid', 'storage_unavailable'],
      handle: async ({ params, body, caller }) => ({
        body: incidentAnswer(await incidents.change.update(params.id, body, caller.userId), 'admin'),
      }),
    }),
  ];
}
