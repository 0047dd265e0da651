import type { Redis } from 'ioredis';
import { detail } from '../shared/observability/tracing/details.ts';
import { type Keys, MODEL_KEYS, type ModelKey, type ProviderKey } from './keys.ts';
import {
  CAPACITY_SCRIPTS,
  type CapacityScript,
  PROVIDER_SCRIPTS,
  type ProviderScript,
  type ScriptReplies,
  USER_SCRIPTS,
  type UserScript,
} from './registry.ts';
import type { Script } from './scripts.ts';
import { RedisUnavailable } from './unavailable.ts';

/** What a span of a script says besides its name; OpenTelemetry's names. */
const SPAN = { 'db.system.name': 'redis' } as const;

export type Argument = string | number;
type Command = (args: Argument[]) => Promise<unknown>;

/** Calls the scripts by name with their keys put in. Rejects with RedisUnavailable when Redis cannot be asked. */
export class ScriptRunner {
  private readonly capacityKeys: Readonly<Record<CapacityScript, readonly string[]>>;

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    scripts: readonly Script[],
  ) {
    for (const { name, lua, numberOfKeys } of scripts) redis.defineCommand(name, { lua, numberOfKeys });
    this.capacityKeys = Object.fromEntries(
      Object.entries(CAPACITY_SCRIPTS).map(([name, names]) => [name, names.map((key) => keys.capacity(key))]),
    ) as Record<CapacityScript, string[]>;
  }

  /** The arguments so far of a call: the keys. For long batches, which push theirs and give the same array to `call`. */
  begin(name: CapacityScript): Argument[] {
    return this.capacityKeys[name].slice();
  }

  /** Sends keys and arguments collected since `begin`. */
  call<Name extends CapacityScript>(name: Name, args: Argument[]): Promise<ScriptReplies[Name]> {
    return this.send(name, args) as Promise<ScriptReplies[Name]>;
  }

  capacity<Name extends CapacityScript>(name: Name, ...args: Argument[]): Promise<ScriptReplies[Name]> {
    return this.call(name, [...this.capacityKeys[name], ...args]);
  }

  user<Name extends UserScript>(name: Name, userId: string, ...args: Argument[]): Promise<ScriptReplies[Name]> {
    return this.send(name, this.userArguments(name, userId, args)) as Promise<ScriptReplies[Name]>;
  }

  /** `provider` is not used by scripts about all of them together. */
  provider<Name extends ProviderScript>(
    name: Name,
    provider: string,
    ...args: Argument[]
  ): Promise<ScriptReplies[Name]> {
    const keys = PROVIDER_SCRIPTS[name].map((key: ProviderKey | ModelKey) =>
      isModelKey(key) ? this.keys.models(key) : this.keys.provider(provider, key),
    );
    return this.send(name, [...keys, ...args]) as Promise<ScriptReplies[Name]>;
  }

  /** Calls for several users, in their order and in one write. Rejects if any call failed; the others took effect. */
  async users<Name extends UserScript>(
    name: Name,
    calls: ReadonlyArray<{ userId: string; args: Argument[] }>,
  ): Promise<Array<ScriptReplies[Name]>> {
    // No pipeline: each costs as much as a dozen commands, and what leaves in one turn leaves in one write anyway (write-once-a-turn.ts).
    const send = () =>
      calls.map(({ userId, args }) => command(this.redis, name)(this.userArguments(name, userId, args)));
    const replies = await detail(name, SPAN, () => Promise.allSettled(send()));
    return replies.map((reply) => {
      if (reply.status === 'rejected') throw RedisUnavailable.from(reply.reason);
      return reply.value as ScriptReplies[Name];
    });
  }

  private userArguments(name: UserScript, userId: string, args: Argument[]): Argument[] {
    return [...USER_SCRIPTS[name].map((key) => this.keys.user(userId, key)), ...args];
  }

  private async send(name: string, args: Argument[]): Promise<unknown> {
    try {
      // One array: ioredis flattens it, and a spread of thousands of arguments would be copied once more.
      return await detail(name, SPAN, () => command(this.redis, name)(args));
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}

function isModelKey(key: ProviderKey | ModelKey): key is ModelKey {
  return key in MODEL_KEYS;
}

/** A method that `defineCommand` has added, which the types of ioredis do not know. */
function command(client: object, name: string): Command {
  const method = (client as Record<string, Command>)[name];
  if (method === undefined) throw new TypeError(`There is no script "${name}".`);
  return method.bind(client);
}
