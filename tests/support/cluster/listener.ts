import WebSocket from 'ws';
import { LiveConnection, type LiveConnectionOptions } from '../../../shared/protocol/client/live-connection.ts';
import type { LiveState } from '../../../shared/protocol/client/live-state.ts';
import type { EventFrame, EventType } from '../../../shared/protocol/events.ts';
import { until } from '../until.ts';

type FrameOf<Type extends EventType> = Extract<EventFrame, { type: Type }>;
/** A frame and when it arrived (Unix ms). */
export type Heard = EventFrame & { heardAt: number };

/** A live connection that keeps every frame and every state, each with the time it came. */
export class Listener {
  readonly frames: Heard[] = [];
  readonly states: Array<LiveState & { at: number }> = [];
  readonly connection: LiveConnection;

  constructor(options: Omit<LiveConnectionOptions, 'WebSocket'>) {
    this.connection = new LiveConnection({ ...options, WebSocket });
    this.connection.onFrame((frame) => this.frames.push({ ...frame, heardAt: Date.now() }));
    this.connection.onState((state) => this.states.push({ ...state, at: Date.now() }));
    this.connection.start();
  }

  ofType<Type extends EventType>(type: Type): Array<FrameOf<Type> & { heardAt: number }> {
    return this.frames.filter((frame): frame is FrameOf<Type> & { heardAt: number } => frame.type === type);
  }

  /** Frames of the user's stream (SNAPSHOT and RESUMED only stand in it). */
  get stored(): Heard[] {
    return this.frames.filter(({ type, offset }) => offset !== undefined && type !== 'SNAPSHOT' && type !== 'RESUMED');
  }

  /** Ids of runs in the order in which the listener heard `type` of them. */
  runsOf(type: 'WORKFLOW_QUEUED' | 'WORKFLOW_STARTING' | 'WORKFLOW_COMPLETED' | 'WORKFLOW_CANCELLED'): string[] {
    return this.ofType(type).map((frame) => frame.data.run_id);
  }

  /** The replica at the other end; null: not connected. */
  get replica(): string | null {
    const { state } = this.connection;
    return state.kind === 'live' ? state.replica : null;
  }

  async live(timeoutMs = 10_000): Promise<this> {
    await until(() => this.connection.state.kind === 'live', { timeoutMs, what: 'the live connection' });
    return this;
  }

  /** Waits until `condition` gives something; `what` names it in the failure. */
  heard<T>(condition: (listener: this) => T, what: string, timeoutMs = 10_000) {
    return until(() => condition(this), { timeoutMs, what });
  }

  close(): Promise<void> {
    return this.connection.stop();
  }
}
