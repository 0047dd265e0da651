import type { CapacityState } from '../../../redis/results.ts';
import type { Component } from '../../../shared/protocol/components.ts';
import type { Confidence, Impact, ProvidersAnswer, ReadyAnswer } from '../../../shared/protocol/http.ts';
import { levelRank } from '../../../shared/workflow/capacity-level.ts';
import { waitAt } from '../admission/estimate.ts';

/** A model provider as the replica knows it. */
export interface ProviderStanding {
  name: string;
  role: 'primary' | 'backup';
  state: ProvidersAnswer['providers'][number]['state'];
  since: Date | null;
  nextProbeAt: Date | null;
  active: boolean;
}

/** What a replica sees of the cluster at one moment. */
export interface Observation {
  /** null: Redis is away or being rebuilt. */
  state: CapacityState | null;
  parts: ReadyAnswer['parts'];
  providers: readonly ProviderStanding[];
  /** The provider an administrator wants; null: none. */
  forcedProvider: string | null;
  /** Unix ms. */
  now: number;
}

/** Something that is wrong now, and what an incident about it says. */
export interface Condition {
  /** Stable: there is one open incident per cause. */
  cause: string;
  title: string;
  message: string;
  impact: Impact;
  components: Component[];
  /** How long (ms) it has to last before it is an incident: what heals by itself in that time is none. */
  lastingMs: number;
  /** Since when it is so, where somebody wrote it down (Unix ms); otherwise since it was first seen. */
  since?: number;
  /** null: nobody can know. */
  estimate: { at: Date; confidence: Confidence } | null;
}

/** Longer than a failover of the leader takes (6 s), and than a restart of a server that comes back at once. */
const PART_LASTING_MS = 10_000;
/** Story 10.5: a level is an incident only when it stays. */
const LEVEL_LASTING_MS = 60_000;
/** A provider that has failed for less than this (ms) usually answers the next probe; later on probes tell little. */
const YOUNG_OUTAGE_MS = 120_000;

/** Everything that is wrong in what was seen; pure. */
export function conditionsOf(seen: Observation): Condition[] {
  return [...partConditions(seen), ...modelConditions(seen), ...levelConditions(seen)];
}

function partConditions({ state, parts }: Observation): Condition[] {
  const lasting = { lastingMs: PART_LASTING_MS, estimate: null };
  const found: Condition[] = [];
  if (parts.postgres === 'down')
    found.push({
      ...lasting,
      cause: 'component:postgres',
      title: 'Storage is not available',
      message: 'New workflows cannot be accepted until storage is back. Nothing that was accepted before is lost.',
      impact: 'critical',
      components: ['postgres', 'api'],
    });
  if (parts.redis === 'down')
    found.push({
      ...lasting,
      cause: 'component:redis',
      title: 'Coordination is not available',
      message: 'New workflows are accepted and start as soon as coordination is back. Live updates are delayed.',
      impact: 'major',
      components: ['redis'],
    });
  if (state !== null && state.leader === null)
    found.push({
      ...lasting,
      cause: 'leader:missing',
      title: 'The queue does not move',
      message: 'No replica leads the queue. Running workflows go on; waiting ones start when a leader is found.',
      impact: 'major',
      components: ['dispatcher'],
    });
  if (state !== null && !state.replicas.some(({ roles }) => roles.includes('worker')))
    found.push({
      ...lasting,
      cause: 'component:workers',
      title: 'No workflow is executed',
      message:
        'No worker is running. Workflows are accepted and continue from their last finished step when one is back.',
      impact: 'major',
      components: ['workers'],
    });
  return found;
}

function modelConditions({ providers, forcedProvider, now }: Observation): Condition[] {
  const active = providers.findIndex((provider) => provider.active);
  if (providers.length === 0 || active === 0) return [];
  if (active < 0)
    return [
      {
        cause: 'component:models',
        title: 'No model provider answers',
        message: 'Steps that ask a model wait and are repeated. Other steps are not concerned.',
        impact: 'major',
        components: ['models'],
        lastingMs: PART_LASTING_MS,
        estimate: probeOf(providers, now),
      },
    ];
  // What an administrator has chosen is no trouble.
  if (providers[active]?.name === forcedProvider) return [];
  return [
    {
      cause: 'provider:switched',
      title: 'Using alternative provider',
      message: 'Using alternative provider - responses may vary slightly',
      impact: 'minor',
      components: ['models'],
      lastingMs: 0,
      estimate: probeOf(providers.slice(0, active), now),
    },
  ];
}

/** The next moment at which one of them is asked whether it is well again. */
function probeOf(providers: readonly ProviderStanding[], now: number): Condition['estimate'] {
  const probes = providers.filter(({ nextProbeAt }) => nextProbeAt !== null && nextProbeAt.getTime() > now);
  const next = probes.sort((a, b) => (a.nextProbeAt?.getTime() ?? 0) - (b.nextProbeAt?.getTime() ?? 0))[0];
  if (!next?.nextProbeAt) return null;
  const young = next.since !== null && now - next.since.getTime() < YOUNG_OUTAGE_MS;
  return { at: next.nextProbeAt, confidence: young ? 'medium' : 'low' };
}

function levelConditions({ state, now }: Observation): Condition[] {
  if (state === null || levelRank(state.level.level) < levelRank('degraded')) return [];
  return [
    {
      cause: 'level:degraded',
      title: 'Very high demand',
      message: 'High demand - new workflows may be delayed. Typing indicators, presence and read receipts are off.',
      impact: 'minor',
      components: ['dispatcher'],
      lastingMs: LEVEL_LASTING_MS,
      since: state.level.since,
      estimate: drained(state, now),
    },
  ];
}

/** When the queue of now will be empty at the rate at which runs end; of people who come meanwhile nobody knows, hence low. */
function drained(state: CapacityState, now: number): Condition['estimate'] {
  const seconds = state.queueLength === 0 ? null : waitAt(state.estimate, state.queueLength);
  return seconds === null ? null : { at: new Date(now + seconds * 1_000), confidence: 'low' };
}
