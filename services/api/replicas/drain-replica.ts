import type { Channels } from '../../../redis/channels.ts';
import type { CapacityState, ReplicaReport } from '../../../redis/results.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { CapacityView } from '../admission/capacity-view.ts';

export interface DrainReplicaDeps {
  view: Pick<CapacityView, 'readNow'>;
  channels: Pick<Channels, 'orderDrain'>;
  log: Logger;
}

/** Told while Redis is away (s). */
const RETRY_SECONDS = 2;

/** Ends one replica gently, wherever it runs, at an administrator's wish. */
export class DrainReplica {
  constructor(private readonly deps: DrainReplicaDeps) {}

  /**
   * The replica has been told when this resolves; it then takes nothing new, hands on what it has and ends. `force`: also when no other replica
   * could take over one of its roles. Throws WeirError `replica_not_found`, `last_replica`, `capacity_unavailable`.
   */
  async drain(id: string, { force, by }: { force: boolean; by: string }): Promise<void> {
    const { replicas } = await this.read();
    const replica = replicas.find((one) => one.id === id);
    if (replica === undefined) throw new WeirError('replica_not_found');
    if (!force && !canBeMissed(replica, replicas)) throw new WeirError('last_replica');
    this.deps.log.warn('replica drained', { drained: id, by, force });
    await this.deps.channels.orderDrain(id).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }

  private async read(): Promise<CapacityState> {
    const reading = await this.deps.view.readNow();
    if (reading.kind === 'state') return reading;
    throw unavailable(reading.kind === 'unavailable' ? reading.cause : 'the state is being rebuilt');
  }
}

/** Whether for each of its roles there is another replica that stays. */
function canBeMissed(replica: ReplicaReport, replicas: readonly ReplicaReport[]): boolean {
  const others = replicas.filter((other) => other.id !== replica.id && other.draining !== true);
  return replica.roles.every((role) => others.some((other) => other.roles.includes(role)));
}

function unavailable(cause: unknown): WeirError {
  return new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
}
