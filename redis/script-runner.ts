import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import {
  CAPACITY_SCRIPTS,
  type CapacityScript,
  type ScriptReplies,
  USER_SCRIPTS,
  type UserScript,
} from './registry.ts';
import type { Script } from './scripts.ts';
import { RedisUnavailable } from './unavailable.ts';

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
    const keys = USER_SCRIPTS[name].map((key) => this.keys.user(userId, key));
    return this.send(name, [...keys, ...args]) as Promise<ScriptReplies[Name]>;
  }

  private async send(name: string, args: Argument[]): Promise<unknown> {
    try {
      // One array: ioredis flattens it, and a spread of thousands of arguments would be copied once more.
      return await (this.redis as unknown as Record<string, Command>)[name]?.call(this.redis, args);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}
