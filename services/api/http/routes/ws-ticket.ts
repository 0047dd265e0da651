import { TICKET_LIFE_MS, type Tickets } from '../../../../redis/tickets.ts';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import { ticketAnswerSchema } from '../../../../shared/protocol/http.ts';
import { defineRoute, type Route } from '../route.ts';

/** Told when no ticket can be made now (s). */
const RETRY_SECONDS = 2;

export function wsTicketRoute({ tickets }: { tickets: Pick<Tickets, 'issue'> }): Route {
  return defineRoute({
    method: 'post',
    path: '/api/v1/ws-ticket',
    tag: 'Live events',
    summary: 'Get a single-use ticket for the WebSocket',
    description: 'For browsers, which cannot set headers on a WebSocket: connect to `/ws?ticket=…` before it expires.',
    access: 'user',
    input: {},
    answer: { status: 201, description: 'The ticket.', schema: ticketAnswerSchema },
    errors: ['capacity_unavailable'],
    async handle({ caller }) {
      try {
        return {
          body: { ticket: await tickets.issue(caller), expires_in_seconds: TICKET_LIFE_MS / 1_000 },
        };
      } catch (cause) {
        throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
      }
    },
  });
}
