import { levelRank } from '../../shared/workflow/capacity-level.ts';
import { queueEntry } from '../queue-entry.ts';
import type { CapacityModel } from './capacity-model.ts';
import type { Trigger } from './level-model.ts';
import type { QueueModel, WaitingRun } from './queue-model.ts';
import type { RedisState } from './redis-state.ts';
import type { Slot, SlotsModel } from './slots-model.ts';

/** How the state of the model is written in Redis. Keys are the only thing two releases share, so this is a contract as well. */
export function expectedState(model: CapacityModel): RedisState {
  const { crowd, runs, limits } = model;
  return {
    generation: model.generation,
    epoch: model.epoch,
    permit: model.permit && `${model.permit.epoch}:${model.permit.until}`,
    rebuild: model.rebuilder,
    limits: { ...limits },
    level: levelFields(model),
    userLeases: Object.fromEntries(crowd.leases.map(({ replica, user, until }) => [`${replica}|${user}`, until])),
    users: countBy(crowd.leases.map(({ user }) => user)),
    ...queueKeys(runs.queue),
    ...slotKeys(runs.slots),
    drain: runs.pace.bucket === null ? {} : { ...runs.pace.bucket },
  };
}

function levelFields({ crowd: { level } }: CapacityModel): Record<string, string> {
  if (level.known === null) return {};
  const below = level.triggers.map((trigger, index) => [`below${index + 1}`, belowField(trigger)]);
  return {
    rank: String(levelRank(level.known.level)),
    sequence: String(level.known.sequence),
    since: String(level.known.since),
    ...Object.fromEntries(below),
    ...(level.pressureUntil === null ? {} : { pressureUntil: String(level.pressureUntil) }),
  };
}

function belowField(trigger: Trigger): string {
  if (trigger === 'off') return '';
  return trigger === 'on' ? '0' : String(trigger.belowSince);
}

function queueKeys({ inOrder }: QueueModel) {
  const member = ({ runId, seq }: WaitingRun) => `${String(seq).padStart(16, '0')}:${runId}`;
  return {
    queue: inOrder.map((run): [string, number] => [member(run), run.place]),
    queueDeadlines: Object.fromEntries(inOrder.map((run) => [member(run), run.expiresAt])),
    entries: Object.fromEntries(inOrder.map((run) => [run.runId, queueEntry(run, run.attemptFloor)])),
    queuedByUser: countBy(inOrder.map(({ userId }) => userId)),
  };
}

function slotKeys({ held, ready, grants, lastRescue, holdRescueUntil }: SlotsModel) {
  const slots = [...held.values()];
  const byRun = <Value>(value: (slot: Slot) => Value) =>
    Object.fromEntries(slots.map((slot) => [slot.run.runId, value(slot)]));
  const grant = ({ grantedAt, grantNo }: Slot) => `${grantedAt}:${grantNo}`;
  return {
    slots: byRun(({ leaseUntil }) => leaseUntil),
    holders: byRun((slot) => ({
      // Half a step below the holder, whole while there is none: one number says who is shut out, and whether somebody has it.
      fence: slot.holder === null ? slot.shutOut : slot.holder - 0.5,
      grant: grant(slot),
      entry: queueEntry(slot.run, slot.run.attemptFloor),
    })),
    ready: ready.flatMap((runId) => {
      const slot = held.get(runId);
      return slot ? [`${runId}:${slot.shutOut}:${grant(slot)}`] : [];
    }),
    grantCounter: grants,
    cancels: slots.flatMap(({ run, cancelled }) => (cancelled ? [run.runId] : [])).sort(),
    rescuePulse: lastRescue === null ? {} : { at: lastRescue, holdUntil: holdRescueUntil },
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
