import type { EventFrame, EventType } from '../../shared/protocol/events.ts';
import type { Assignment } from '../users/assignment.ts';
import type { Reporter } from '../users/reporter.ts';
import { User } from '../users/user.ts';

type FrameOf<Type extends EventType> = Extract<EventFrame, { type: Type }>;

/** A user who remembers everything they were told. */
export class Witness extends User {
  readonly frames: EventFrame[] = [];

  constructor(who: Assignment, reporter: Reporter) {
    super(who, reporter);
    this.connection.onFrame((frame) => this.frames.push(frame));
  }

  heard<Type extends EventType>(type: Type): Array<FrameOf<Type>> {
    return this.frames.filter((frame): frame is FrameOf<Type> => frame.type === type);
  }

  /** Frames of a type about one run. */
  heardOf(type: 'WORKFLOW_QUEUED' | 'WORKFLOW_STARTING' | 'WORKFLOW_COMPLETED' | 'PROVIDER_SWITCHED', runId: string) {
    return this.heard(type).filter(({ data }) => data.run_id === runId);
  }
}
