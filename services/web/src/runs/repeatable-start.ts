import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import type { TriggerAnswer, TriggerBody } from '../../../../shared/protocol/http.ts';

/**
 * Starts runs from one place of the page. Whoever clicks again after a start failed repeats that start, with its key: it may have happened,
 * though nobody could be told.
 */
export class RepeatableStart {
  private unanswered: { request: string; key: string } | null = null;

  constructor(private readonly api: Pick<ApiClient, 'trigger'>) {}

  async start(body: TriggerBody): Promise<TriggerAnswer> {
    const request = JSON.stringify(body);
    const key = this.unanswered?.request === request ? this.unanswered.key : crypto.randomUUID();
    this.unanswered = { request, key };
    const answer = await this.api.trigger(body, { idempotencyKey: key });
    this.unanswered = null;
    return answer;
  }
}
