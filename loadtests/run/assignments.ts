import type { WorkflowDefinition } from '../../shared/workflow/definition.ts';
import { type Profile, placeOf, stayOf, userSeconds } from '../profiles/profile.ts';
import type { Assignment } from '../users/assignment.ts';
import type { Access } from './access.ts';
import type { Region } from './regions.ts';

export interface CastOptions {
  /** Begins every user id of this run. */
  prefix: string;
  profile: Profile;
  access: Access;
  regions: readonly Region[];
  workflows: Assignment['workflows'];
  /** Unix ms of the first arrival. */
  beganAt: number;
  graceMs: number;
  spreadAddresses: boolean;
}

export interface Cast {
  /** Says of everybody who arrives who they are. Users who come together leave one after the other. */
  assign(): Promise<Assignment>;
  /** Share of the time that all users together should be there, as it is left by who came late or not at all, and by a run that ended at `endedAt`. */
  presence(endedAt: number): number;
}

export function cast(options: CastOptions): Cast {
  const { profile, prefix, regions, access } = options;
  let count = 0;
  const stays: Array<{ from: number; to: number }> = [];
  const assign = async (): Promise<Assignment> => {
    const n = count++;
    const { wave, index } = placeOf(profile, n);
    const { from, to } = stayOf(wave, index);
    const leaveAt = options.beganAt + to * 1_000;
    // Who comes a moment early makes up for nobody.
    stays.push({ from: Math.max(Date.now(), options.beganAt + from * 1_000), to: leaveAt });
    const userId = `${prefix}-${n}`;
    return {
      userId,
      partnerId: `${prefix}-${n % 2 === 0 ? n + 1 : n - 1}`,
      invites: n % 2 === 0,
      token: await access.token(userId, 'user'),
      target: access.url,
      habit: profile.habit,
      region: regions[n % regions.length] ?? { name: 'local', rttMs: 0 },
      leaveAt,
      storms: (profile.storms ?? []).map((at) => options.beganAt + at * 1_000),
      graceMs: options.graceMs,
      // Nginx sends sockets to replicas by the first three numbers of the client's address.
      from: options.spreadAddresses ? `127.7.${n % 250}.1` : null,
      workflows: options.workflows,
    };
  };
  const presence = (endedAt: number): number => {
    const presentMs = stays.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, endedAt) - from), 0);
    return presentMs / (userSeconds(profile) * 1_000);
  };
  return { assign, presence };
}

/** What users start: something short, something that asks a model, and something long to change one's mind about. */
export const WORKFLOWS: Record<keyof Assignment['workflows'], WorkflowDefinition> = {
  quick: { name: 'load-quick', steps: [{ name: 'wait', type: 'delay', config: { duration: 0.2 } }] },
  model: {
    name: 'load-model',
    steps: [
      { name: 'wait', type: 'delay', config: { duration: 0.1 } },
      { name: 'ask', type: 'llm', config: { prompt: 'Two words about {{payload.topic}}.', max_tokens: 16 } },
    ],
  },
  long: { name: 'load-long', steps: [{ name: 'wait', type: 'delay', config: { duration: 20 } }] },
};
