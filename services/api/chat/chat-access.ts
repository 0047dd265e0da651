import type { ChatParticipants, RunAccess } from '../../../db/repositories/chat-participants.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Identity } from '../auth/identity.ts';

/** Who is at the door of a chat; the rest of an identity does not matter. */
export type Caller = Pick<Identity, 'userId' | 'role'>;

/** What somebody may do with a run and its chat. To strangers the run does not exist. */
export class ChatAccess {
  constructor(private readonly participants: Pick<ChatParticipants, 'access'>) {}

  /** Owner, participants, admins. Throws WeirError `run_not_found`. */
  async toRead(runId: string, caller: Caller): Promise<RunAccess> {
    const access = await this.participants.access(runId, caller.userId);
    if (access === null) throw new WeirError('run_not_found');
    if (access.owner === caller.userId || access.participant || caller.role === 'admin') return access;
    throw new WeirError('run_not_found');
  }

  /** The owner. Throws `run_not_found`, and `forbidden` to those who may read. */
  async toManage(runId: string, caller: Caller): Promise<RunAccess> {
    const access = await this.toRead(runId, caller);
    if (access.owner !== caller.userId)
      throw new WeirError('forbidden', { detail: 'Only the owner of the run may do this.' });
    return access;
  }
}
