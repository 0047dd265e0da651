/** redlock 5.0.0-beta.2 ships types that NodeNext does not find; this is the part we use. */
declare module 'redlock' {
  import type { EventEmitter } from 'node:events';
  import type { Redis } from 'ioredis';

  export interface Settings {
    retryCount: number;
    retryDelay: number;
    driftFactor: number;
  }

  export interface Lock {
    /** By the wall clock of this process; counted from before the attempt. */
    expiration: number;
  }

  export default class Redlock extends EventEmitter {
    constructor(clients: Iterable<Redis>, settings?: Partial<Settings>);
    acquire(resources: string[], durationMs: number, settings?: Partial<Settings>): Promise<Lock>;
    /** Answers a new lock; the old one is dead. */
    extend(lock: Lock, durationMs: number, settings?: Partial<Settings>): Promise<Lock>;
    release(lock: Lock, settings?: Partial<Settings>): Promise<unknown>;
  }
}
