import { createHash } from 'node:crypto';
import { loadScripts } from '../../../redis/scripts.ts';
import type { Passing } from '../links/tcp-proxy.ts';

/** An instant in the work of a leader, known by what passes between it and a store. */
export interface LeaderStep {
  /** After "killed". */
  about: string;
  store: 'redis' | 'postgres';
  /** In what the leader sends; `heard`: in what it is told without having asked. */
  sends?: string;
  heard?: string;
  /** `asked`: the store never gets it. `answered`: it has done it, and the leader never hears. */
  when: 'asked' | 'answered';
  /** What must happen for the step to come: nothing, another election, or the loss of all data of Redis. */
  needs: 'nothing' | 'election' | 'loss';
}

const scripts = new Map(loadScripts().map(({ name, lua }) => [name, createHash('sha1').update(lua).digest('hex')]));

/** Scripts are called by their SHA-1. */
function script(name: string): string {
  const sha = scripts.get(name);
  if (sha === undefined) throw new Error(`There is no script ${name}.`);
  return sha;
}

const onRedis = (about: string, name: string, when: LeaderStep['when'], needs: LeaderStep['needs']): LeaderStep => ({
  about,
  store: 'redis',
  sends: script(name),
  when,
  needs,
});

/** Every step after which something is half done: held by one side and not known to another. */
export const LEADER_STEPS = {
  'leader-killed-with-lock': {
    about: 'with the lock, before it has an epoch',
    store: 'postgres',
    sends: 'leaderEpochs.next',
    when: 'asked',
    needs: 'election',
  },
  'leader-killed-with-epoch': {
    about: 'with an epoch nobody has heard of',
    store: 'postgres',
    sends: 'leaderEpochs.next',
    when: 'answered',
    needs: 'election',
  },
  'leader-killed-extending': {
    about: 'when its lock was extended',
    store: 'redis',
    sends: 'leader-lock',
    when: 'answered',
    needs: 'nothing',
  },
  'leader-killed-woken': {
    about: 'when it was woken',
    store: 'redis',
    heard: ':wake\r\n',
    when: 'answered',
    needs: 'nothing',
  },
  'leader-killed-before-grant': onRedis('before its grants', 'dequeueRuns', 'asked', 'nothing'),
  'leader-killed-after-grant': onRedis('after its grants', 'dequeueRuns', 'answered', 'nothing'),
  'leader-killed-rescuing': onRedis('when it looked for lost runs', 'rescueSlots', 'answered', 'nothing'),
  'leader-killed-levelling': onRedis('when it had set the level', 'refreshLevel', 'answered', 'nothing'),
  'leader-killed-comparing': onRedis('while it compared the stores', 'readPositions', 'answered', 'election'),
  'leader-killed-rebuild-begun': onRedis('when it had begun to rebuild', 'beginRebuild', 'answered', 'loss'),
  'leader-killed-rebuild-loading': onRedis('before runs were loaded', 'loadRuns', 'asked', 'loss'),
  'leader-killed-rebuild-loaded': onRedis('when runs were loaded', 'loadRuns', 'answered', 'loss'),
  'leader-killed-rebuild-finishing': onRedis('before the rebuild was done', 'finishRebuild', 'asked', 'loss'),
  'leader-killed-rebuild-finished': onRedis('when the rebuild was done', 'finishRebuild', 'answered', 'loss'),
} as const satisfies Record<string, LeaderStep>;

export type LeaderStepKind = keyof typeof LEADER_STEPS;

/** Says of each piece that passes whether the step has come with it. One for each connection between two parts. */
export function stepSpotter({ sends, heard, when }: LeaderStep): (passing: Passing) => boolean {
  /** Connections on which the command was sent and no answer has come yet. */
  const asked = new Set<number>();
  return ({ connection, direction, bytes }) => {
    if (heard !== undefined) return direction === 'answered' && bytes.includes(heard);
    if (direction === 'asked') {
      if (sends === undefined || !bytes.includes(sends)) return false;
      asked.add(connection);
      return when === 'asked';
    }
    // A script that Redis does not know yet is sent again, as text.
    return when === 'answered' && asked.delete(connection) && !bytes.includes('NOSCRIPT');
  };
}
