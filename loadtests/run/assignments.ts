import type { WorkflowDefinition } from '../../shared/workflow/definition.ts';
import { arrivingAt, type Profile } from '../profiles/profile.ts';
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

/** Says of everybody who arrives who they are. Users who come together leave one after the other. */
export function cast(options: CastOptions): (now: number) => Promise<Assignment> {
  const { profile, prefix, regions, access } = options;
  const arrived = new Map<number, number>();
  let count = 0;
  return async (now) => {
    const n = count++;
    const wave = arrivingAt(profile, (now - options.beganAt) / 1_000);
    const inWave = arrived.get(wave.at) ?? 0;
    arrived.set(wave.at, inWave + 1);
    const leaveAt = options.beganAt + (wave.leaveAt + (wave.leaveOver * inWave) / wave.users) * 1_000;
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
