import type { Redis } from 'ioredis';
import { CAPACITY_KEYS, type CapacityKey, type Keys } from '../keys.ts';

type Numbers = Record<string, number>;
type Texts = Record<string, string>;

/** What `holders` says of a run with a slot. */
export interface Holder {
  fence: number;
  /** `<granted at>:<grant number>` */
  grant: string;
  entry: string;
}

/** The capacity keys as they lie in Redis (see README.md), with numbers as numbers. Empty ones are empty here. */
export interface RedisState {
  generation: string | null;
  epoch: number;
  /** `<epoch>:<until>` */
  permit: string | null;
  rebuild: number | null;
  limits: Numbers;
  level: Texts;
  /** `<replica>|<user>` → expiry. */
  userLeases: Numbers;
  users: Numbers;
  /** Members `<seq>:<run>` in order, with their scores. */
  queue: Array<[member: string, score: number]>;
  queueDeadlines: Numbers;
  entries: Texts;
  queuedByUser: Numbers;
  slots: Numbers;
  holders: Record<string, Holder>;
  ready: string[];
  grantCounter: number;
  cancels: string[];
  rescuePulse: Numbers;
  drain: Numbers;
}

/** Reads all of it at one instant. */
export async function readRedisState(redis: Redis, keys: Keys): Promise<RedisState> {
  const replies = await redis
    .multi()
    .mget(
      keys.capacity('generation'),
      keys.capacity('epoch'),
      keys.capacity('rebuild'),
      keys.capacity('grantCounter'),
      keys.capacity('permit'),
    )
    .hgetall(keys.capacity('limits'))
    .hgetall(keys.capacity('level'))
    .zrange(keys.capacity('userLeases'), 0, '-1', 'WITHSCORES')
    .hgetall(keys.capacity('users'))
    .zrange(keys.capacity('queue'), 0, '-1', 'WITHSCORES')
    .zrange(keys.capacity('queueDeadlines'), 0, '-1', 'WITHSCORES')
    .hgetall(keys.capacity('entries'))
    .hgetall(keys.capacity('queuedByUser'))
    .zrange(keys.capacity('slots'), 0, '-1', 'WITHSCORES')
    .hgetall(keys.capacity('holders'))
    .lrange(keys.capacity('ready'), 0, -1)
    .smembers(keys.capacity('cancels'))
    .hgetall(keys.capacity('rescuePulse'))
    .hgetall(keys.capacity('drain'))
    .exec();
  const values = (replies ?? []).map(([error, value]) => {
    if (error) throw error;
    return value;
  });
  const [single, limits, level, userLeases, users, queue, deadlines, entries, queuedByUser, slots, ...rest] = values;
  const [holders, ready, cancels, rescuePulse, drain] = rest;
  const [generation = null, epoch, rebuild, grantCounter, permit = null] = single as Array<string | null>;
  return {
    generation,
    epoch: Number(epoch ?? 0),
    permit,
    rebuild: rebuild ? Number(rebuild) : null,
    limits: numbers(limits as Texts),
    level: level as Texts,
    userLeases: Object.fromEntries(scored(userLeases)),
    users: numbers(users as Texts),
    queue: scored(queue),
    queueDeadlines: Object.fromEntries(scored(deadlines)),
    entries: entries as Texts,
    queuedByUser: numbers(queuedByUser as Texts),
    slots: Object.fromEntries(scored(slots)),
    holders: Object.fromEntries(Object.entries(holders as Texts).map(([run, text]) => [run, holderOf(text)])),
    ready: ready as string[],
    grantCounter: Number(grantCounter ?? 0),
    cancels: (cancels as string[]).sort(),
    rescuePulse: numbers(rescuePulse as Texts),
    drain: numbers(drain as Texts),
  };
}

/** Data loss, for these keys. */
export async function clearState(redis: Redis, keys: Keys): Promise<void> {
  const all = Object.keys(CAPACITY_KEYS) as CapacityKey[];
  await redis.unlink(...all.map((key) => keys.capacity(key)));
}

/** The run of a member of the queue or of a line of the ready list. */
export const runOf = {
  member: (member: string): string => member.slice(member.indexOf(':') + 1),
  line: (line: string): string => line.slice(0, line.indexOf(':')),
};

/** `<fence>:<granted at>:<grant number>:<entry>` */
function holderOf(text: string): Holder {
  const [fence, at, no, ...entry] = text.split(':');
  return { fence: Number(fence), grant: `${at}:${no}`, entry: entry.join(':') };
}

function numbers(texts: Texts): Numbers {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)]));
}

/** `[member, score, …]` */
function scored(flat: unknown): Array<[string, number]> {
  const texts = flat as string[];
  return Array.from({ length: texts.length / 2 }, (_, index) => [
    String(texts[2 * index]),
    Number(texts[2 * index + 1]),
  ]);
}
