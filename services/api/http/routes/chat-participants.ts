import {
  type ParticipantsAnswer,
  participantBodySchema,
  participantsAnswerSchema,
} from '../../../../shared/protocol/http.ts';
import type { Caller } from '../../chat/chat-access.ts';
import type { Participation } from '../../chat/participation.ts';
import { idParams } from '../id-params.ts';
import { defineRoute, type Route } from '../route.ts';

const PATH = '/api/v1/runs/:id/participants';
const TAG = 'Chat';

/** Who takes part in the chat of a run, and who decides that. */
export function chatParticipantsRoutes({ participation }: { participation: Participation }): Route[] {
  const answer = async (runId: string, caller: Caller): Promise<ParticipantsAnswer> => {
    const { owner, people } = await participation.list(runId, caller);
    return {
      items: people.map(({ userId, invitedBy, joinedAt, readSeq }) => ({
        user_id: userId,
        owner: userId === owner,
        invited_by: invitedBy,
        joined_at: joinedAt?.toISOString() ?? null,
        read_seq: readSeq,
      })),
    };
  };
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      tag: TAG,
      summary: 'Who takes part in the chat of a run',
      access: 'user',
      input: { params: idParams },
      answer: { status: 200, description: 'The owner first.', schema: participantsAnswerSchema },
      errors: ['run_not_found', 'storage_unavailable'],
      handle: async ({ params, caller }) => ({ body: await answer(params.id, caller) }),
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      tag: TAG,
      summary: 'Invite somebody',
      description:
        'The owner only. Whoever is invited reads and writes in the chat, and reads the run (status, payload, steps, result); cancel and retry stay with the owner.',
      access: 'user',
      input: { params: idParams, body: participantBodySchema },
      answer: { status: 200, description: 'Takes part, perhaps did before.', schema: participantsAnswerSchema },
      errors: ['run_not_found', 'forbidden', 'too_many_participants', 'storage_unavailable'],
      async handle({ params, body, caller }) {
        await participation.invite(params.id, caller, body.user_id);
        return { body: await answer(params.id, caller) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${PATH}/remove`,
      tag: TAG,
      summary: 'Remove somebody',
      description: 'The owner only. From then on the run and its chat do not exist for them.',
      access: 'user',
      input: { params: idParams, body: participantBodySchema },
      answer: { status: 200, description: 'Those who are left.', schema: participantsAnswerSchema },
      errors: ['run_not_found', 'forbidden', 'participant_not_found', 'owner_stays', 'storage_unavailable'],
      async handle({ params, body, caller }) {
        await participation.remove(params.id, caller, body.user_id);
        return { body: await answer(params.id, caller) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${PATH}/leave`,
      tag: TAG,
      summary: 'Leave the chat of a run',
      access: 'user',
      input: { params: idParams },
      answer: { status: 204, description: 'Left: the run does not exist for you any more.' },
      errors: ['run_not_found', 'participant_not_found', 'owner_stays', 'storage_unavailable'],
      async handle({ params, caller }) {
        await participation.leave(params.id, caller);
        return {};
      },
    }),
  ];
}
