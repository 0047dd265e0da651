import type { ChatParticipants, ParticipantRow, RunAccess } from '../../../db/repositories/chat-participants.ts';
import type { EventStreams, UserEvent } from '../../../redis/event-streams.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { MAX_CHAT_PEOPLE } from '../../../shared/protocol/chat-limits.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { Caller, ChatAccess } from './chat-access.ts';

export interface ParticipationDeps {
  access: Pick<ChatAccess, 'toRead' | 'toManage'>;
  participants: Pick<ChatParticipants, 'list' | 'invite' | 'remove'>;
  events: Pick<EventStreams, 'publish'>;
  log: Logger;
}

/** Who takes part in the chat of a run. All methods throw WeirError `run_not_found` to strangers. */
export class Participation {
  constructor(private readonly deps: ParticipationDeps) {}

  /** The owner first. */
  async list(runId: string, caller: Caller): Promise<{ owner: string; people: ParticipantRow[] }> {
    const { owner } = await this.deps.access.toRead(runId, caller);
    return { owner, people: await this.deps.participants.list(runId) };
  }

  /** Inviting somebody who takes part already changes nothing. Throws `forbidden`, `too_many_participants`. */
  async invite(runId: string, caller: Caller, userId: string): Promise<void> {
    const run = await this.deps.access.toManage(runId, caller);
    if (userId === run.owner) return;
    const outcome = await this.deps.participants.invite(runId, run.owner, userId, MAX_CHAT_PEOPLE);
    if (outcome === 'full') throw new WeirError('too_many_participants');
    if (outcome === 'invited') await this.tell(runId, (to) => [joined(to, runId, run, userId)]);
  }

  /** Throws `forbidden`, `participant_not_found`, `owner_stays`. */
  async remove(runId: string, caller: Caller, userId: string): Promise<void> {
    const { owner } = await this.deps.access.toManage(runId, caller);
    if (userId === owner) throw new WeirError('owner_stays');
    await this.end(runId, userId, owner);
  }

  /** Throws `owner_stays`. */
  async leave(runId: string, caller: Caller): Promise<void> {
    const { owner } = await this.deps.access.toRead(runId, caller);
    if (caller.userId === owner) throw new WeirError('owner_stays');
    await this.end(runId, caller.userId, null);
  }

  private async end(runId: string, userId: string, removedBy: string | null): Promise<void> {
    if (!(await this.deps.participants.remove(runId, userId))) throw new WeirError('participant_not_found');
    const data = { run_id: runId, user_id: userId, removed_by: removedBy };
    const event = (to: string): UserEvent => ({ userId: to, type: 'CHAT_LEFT', data });
    await this.tell(runId, (to) => [event(to)], [userId]);
  }

  /** Everybody who takes part now, and `also`. Without Redis they see it when they read the list. */
  private async tell(
    runId: string,
    eventsFor: (to: string) => UserEvent[],
    also: readonly string[] = [],
  ): Promise<void> {
    const { participants, events, log } = this.deps;
    try {
      const people = (await participants.list(runId)).map(({ userId }) => userId);
      await events.publish([...also, ...people].flatMap(eventsFor));
    } catch (error) {
      log.warn('participants were not told', { run_id: runId, error });
    }
  }
}

function joined(to: string, runId: string, run: RunAccess, userId: string): UserEvent {
  return {
    userId: to,
    type: 'CHAT_JOINED',
    data: {
      message: to === userId ? TEXTS.chatInvited : TEXTS.chatJoined,
      run_id: runId,
      workflow_id: run.workflowId,
      workflow_name: run.workflowName,
      user_id: userId,
      invited_by: run.owner,
    },
  };
}
