import { type ReadonlySignal, signal } from '@preact/signals';
import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import { LiveConnection } from '../../../../shared/protocol/client/live-connection.ts';
import type { LiveState } from '../../../../shared/protocol/client/live-state.ts';
import { ticketEndpoint } from '../../../../shared/protocol/client/ticket-endpoint.ts';
import type { ClientFrame, EventFrame } from '../../../../shared/protocol/events.ts';
import type { RunAnswer } from '../../../../shared/protocol/http.ts';
import type { CapacityLevel, Comfort } from '../../../../shared/workflow/capacity-level.ts';
import { applyAnswer, newsOf } from './apply-answer.ts';
import { applyFrame, type Runs } from './apply-frame.ts';
import { tellPresence } from './tell-presence.ts';

export interface Capacity {
  level: CapacityLevel;
  active_users: number;
  max_users: number;
}

/** A sentence of the server that is not about one run. */
export interface Notice {
  id: number;
  tone: 'good' | 'warn';
  message: string;
}

/** Takes no headers: its proof is the ticket in the address. */
class BrowserSocket extends WebSocket {
  constructor(url: string) {
    super(url);
  }
}

/** What the server says to this user, as signals: one socket for the whole page, resumed without a gap by the protocol's own client. */
export class Live {
  private readonly stateSignal = signal<LiveState>({ kind: 'idle' });
  private readonly runsSignal = signal<Runs>(new Map());
  private readonly capacitySignal = signal<Capacity | null>(null);
  private readonly disabledSignal = signal<readonly Comfort[]>([]);
  private readonly noticesSignal = signal<readonly Notice[]>([]);
  private readonly connection: LiveConnection;
  private readonly hurry = () => this.connection.reconnectNow();
  private noticeId = 0;
  private endPresence: (() => void) | undefined;

  constructor(private readonly api: ApiClient) {
    this.connection = new LiveConnection({
      endpoint: ticketEndpoint(location.origin, api),
      WebSocket: BrowserSocket,
    });
    this.connection.onState((state) => {
      this.stateSignal.value = state;
    });
    this.connection.onFrame((frame) => this.take(frame));
  }

  get state(): ReadonlySignal<LiveState> {
    return this.stateSignal;
  }
  get runs(): ReadonlySignal<Runs> {
    return this.runsSignal;
  }
  /** null: not told yet, or not known to the server. */
  get capacity(): ReadonlySignal<Capacity | null> {
    return this.capacitySignal;
  }
  get disabled(): ReadonlySignal<readonly Comfort[]> {
    return this.disabledSignal;
  }
  get notices(): ReadonlySignal<readonly Notice[]> {
    return this.noticesSignal;
  }

  start(): this {
    globalThis.addEventListener('online', this.hurry);
    this.connection.start();
    this.endPresence = tellPresence(this);
    return this;
  }

  async stop(): Promise<void> {
    this.endPresence?.();
    globalThis.removeEventListener('online', this.hurry);
    await this.connection.stop();
  }

  reconnectNow(): void {
    this.connection.reconnectNow();
  }

  /** False: not connected, the frame was not sent. */
  send(frame: ClientFrame): boolean {
    return this.connection.send(frame);
  }

  /** Every frame, for parts of the page with a state of their own; the function returned ends that. */
  onFrame(listener: (frame: EventFrame) => void): () => void {
    return this.connection.onFrame(listener);
  }

  /** Reads a run anew. Rejects as {@link ApiClient} does. */
  async refresh(runId: string, signal?: AbortSignal): Promise<void> {
    await this.takeUp(runId, () => this.api.getRun(runId, signal === undefined ? {} : { signal }));
  }

  /** Rejects as {@link ApiClient} does. */
  async cancel(runId: string): Promise<void> {
    await this.takeUp(runId, () => this.api.cancel(runId));
  }

  private async takeUp(runId: string, ask: () => Promise<RunAnswer>): Promise<void> {
    const news = newsOf(this.runsSignal.value, runId);
    const answer = await ask();
    this.runsSignal.value = applyAnswer(this.runsSignal.value, answer, news);
  }

  dismiss(id: number): void {
    this.noticesSignal.value = this.noticesSignal.value.filter((notice) => notice.id !== id);
  }

  private take(frame: EventFrame): void {
    this.runsSignal.value = applyFrame(this.runsSignal.value, frame);
    switch (frame.type) {
      case 'SNAPSHOT':
      case 'RESUMED':
        this.capacitySignal.value = frame.data.capacity;
        this.disabledSignal.value = frame.data.features.disabled;
        break;
      case 'CAPACITY_WARNING':
      case 'CAPACITY_CLEARED': {
        const { level, active_users, max_users, message } = frame.data;
        this.capacitySignal.value = { level, active_users, max_users };
        this.notice(frame.type === 'CAPACITY_WARNING' ? 'warn' : 'good', message);
        break;
      }
      case 'DEGRADED_MODE_ACTIVE':
        this.disabledSignal.value = frame.data.disabled;
        this.notice('warn', frame.data.message);
        break;
      case 'DEGRADED_MODE_CLEARED':
        this.disabledSignal.value = this.disabledSignal.value.filter(
          (comfort) => !frame.data.enabled.includes(comfort),
        );
        this.notice('good', frame.data.message);
        break;
      case 'PROVIDER_SWITCHED':
      case 'SERVER_DRAINING':
        this.notice('warn', frame.data.message);
        break;
      case 'CHAT_JOINED':
      case 'PROVIDER_RESTORED':
        this.notice('good', frame.data.message);
        break;
    }
  }

  /** A sentence that still stands there is not said again. */
  private notice(tone: Notice['tone'], message: string): void {
    const others = this.noticesSignal.value.filter((notice) => notice.message !== message);
    this.noticeId += 1;
    this.noticesSignal.value = [...others.slice(-3), { id: this.noticeId, tone, message }];
  }
}
