import { setTimeout as delay } from 'node:timers/promises';
import type { RedisStore } from '../../../redis/store.ts';
import type { RunRecord } from './run-record.ts';

/** Between two looks (ms). */
const LOOK_EVERY_MS = 5;

/** Looks at slots and running runs all the time, past the replicas: the limit must hold at every instant, not only at the end. */
export class SlotWatch {
  looks = 0;
  mostSlots = 0;
  mostRunning = 0;
  private readonly stopping = new AbortController();
  private readonly watching: Promise<unknown>;

  constructor(store: RedisStore, record: RunRecord) {
    this.watching = Promise.all([
      this.repeat(async () => {
        const state = await store.cluster.read();
        if (state.kind === 'state') this.mostSlots = Math.max(this.mostSlots, state.slotsHeld);
        this.looks += 1;
      }),
      this.repeat(async () => {
        const [row] = await record.query<{ count: number }>(
          `SELECT count(*)::float8 AS count FROM runs WHERE status = 'running'`,
        );
        this.mostRunning = Math.max(this.mostRunning, row?.count ?? 0);
      }),
    ]);
  }

  async stop(): Promise<this> {
    this.stopping.abort();
    await this.watching;
    return this;
  }

  private async repeat(look: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // What is away cannot be looked at; the record of starts and ends says afterwards what happened meanwhile.
      await look().catch(() => undefined);
      await delay(LOOK_EVERY_MS);
    }
  }
}
