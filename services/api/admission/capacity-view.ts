import type { ClusterState } from '../../../redis/cluster-state.ts';
import type { CapacityState, EstimateCurve, Rebuilding } from '../../../redis/results.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import { FreshValue } from './fresh-value.ts';

/** As read from Redis, or why it could not be. */
export type CapacityReading = CapacityState | Rebuilding | { kind: 'unavailable'; cause: unknown };

/** A state older than this is read again; estimates change slower, and a refusal may lag this much (ms). */
const MAX_AGE_MS = 500;

/** The cluster's state as this replica last saw it; one read serves everybody who asks in the same half second. */
export class CapacityView {
  private readonly fresh: FreshValue<CapacityReading>;
  private lastState: CapacityState | undefined;

  /** `seed`: limits of the configuration, used until the cluster's own have been read. */
  constructor(
    private readonly cluster: Pick<ClusterState, 'read'>,
    private readonly seed: Limits,
  ) {
    this.fresh = new FreshValue(() => this.load(), MAX_AGE_MS);
  }

  /** Never rejects. */
  read(): Promise<CapacityReading> {
    return this.fresh.get();
  }

  /** Not from the cache: for decisions about the limits themselves. */
  readNow(): Promise<CapacityReading> {
    this.fresh.forget();
    return this.fresh.get();
  }

  async curve(): Promise<EstimateCurve | null> {
    const reading = await this.fresh.get();
    return reading.kind === 'state' ? reading.estimate : null;
  }

  /** The curve last seen, without asking anybody; for those who have to be answered quickly. */
  get lastCurve(): EstimateCurve | null {
    return this.lastState?.estimate ?? null;
  }

  /** Limits last seen; they outlive an outage of Redis. */
  get limits(): Limits {
    return this.lastState?.limits ?? this.seed;
  }

  private async load(): Promise<CapacityReading> {
    try {
      const reading = await this.cluster.read();
      if (reading.kind === 'state') this.lastState = reading;
      return reading;
    } catch (cause) {
      return { kind: 'unavailable', cause };
    }
  }
}
