import { randomBytes } from 'node:crypto';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import type { WorkflowDefinition } from '../../shared/workflow/definition.ts';
import type { Access } from '../run/access.ts';
import { isLoopback } from '../run/options.ts';
import { Reporter } from '../users/reporter.ts';
import { Witness } from './witness.ts';

/** How long a run that holds a slot takes (s): longer than thirty people need to come, shorter than anybody's patience. */
export const EXISTING_SECONDS = 15;

const STORIES: Record<'existing' | 'short' | 'model', WorkflowDefinition> = {
  existing: {
    name: 'story-existing',
    steps: [{ name: 'wait', type: 'delay', config: { duration: EXISTING_SECONDS } }],
  },
  short: { name: 'story-short', steps: [{ name: 'wait', type: 'delay', config: { duration: 1 } }] },
  model: {
    name: 'story-model',
    steps: [{ name: 'ask', type: 'llm', config: { prompt: 'Say hello.', max_tokens: 16 } }],
  },
};

/** The people of the story, an administrator, and what they start. */
export class Crowd {
  readonly people: Witness[] = [];
  readonly faults: string[] = [];
  private readonly prefix = `story-${randomBytes(3).toString('hex')}`;

  private constructor(
    private readonly access: Access,
    readonly admin: ApiClient,
    readonly workflows: Record<keyof typeof STORIES, string>,
  ) {}

  static async gather(access: Access): Promise<Crowd> {
    const token = await access.token('story-admin', 'admin');
    const admin = new ApiClient({ baseUrl: access.url, token: () => token });
    const id = async (name: keyof typeof STORIES) => (await admin.createWorkflow(STORIES[name])).id;
    return new Crowd(access, admin, {
      existing: await id('existing'),
      short: await id('short'),
      model: await id('model'),
    });
  }

  /** User number `n` (from 1) connects. */
  async join(n: number): Promise<Witness> {
    const userId = `${this.prefix}-${n}`;
    const reporter = new Reporter((sample) => {
      if (sample.kind === 'fault') this.faults.push(`${sample.fault} ${sample.detail}`);
    });
    const witness = new Witness(
      {
        userId,
        partnerId: '',
        invites: false,
        token: await this.access.token(userId, 'user'),
        target: this.access.url,
        habit: 'workflows',
        region: { name: 'local', rttMs: 0 },
        leaveAt: 0,
        storms: [],
        graceMs: 0,
        // Nginx sends sockets to replicas by the first three numbers of the client's address.
        from: process.platform === 'linux' && isLoopback(new URL(this.access.url).hostname) ? `127.7.${n}.1` : null,
        workflows: { quick: this.workflows.short, model: this.workflows.model, long: this.workflows.existing },
      },
      reporter,
    );
    this.people.push(witness);
    await witness.connect();
    return witness;
  }

  async joinAll(from: number, to: number): Promise<void> {
    await Promise.all(Array.from({ length: to - from + 1 }, (_, index) => this.join(from + index)));
  }

  /** User number `n`, who is there. */
  person(n: number): Witness {
    const witness = this.people.find(({ who }) => who.userId === `${this.prefix}-${n}`);
    if (witness === undefined) throw new Error(`User ${n} has not come.`);
    return witness;
  }

  async leave(witnesses: readonly Witness[]): Promise<void> {
    await Promise.all(witnesses.map((witness) => witness.close()));
  }
}
