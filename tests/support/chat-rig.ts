import type { ClientFrame } from '../../shared/protocol/events.ts';
import { metricValue } from './metric-value.ts';
import { type Rig, type RigGateway, startRig } from './realtime-rig.ts';
import type { TestSocket } from './test-socket.ts';

/** Two gateways, as two replicas would be, and a run of ann's whose chat bob is in. */
export class ChatRig {
  private constructor(
    readonly rig: Rig,
    readonly one: RigGateway,
    readonly two: RigGateway,
    readonly runId: string,
  ) {}

  static async open(options: Parameters<typeof startRig>[0] = {}): Promise<ChatRig> {
    const rig = await startRig(options);
    const [one, two] = [await rig.gateway(), await rig.gateway()];
    const { id } = await rig.startRun('ann');
    const chat = new ChatRig(rig, one, two, id);
    await chat.invite('bob');
    return chat;
  }

  /** By ann. */
  invite(userId: string, runId = this.runId): Promise<void> {
    return this.one.chat.participation.invite(runId, { userId: 'ann', role: 'user' }, userId);
  }

  remove(userId: string): Promise<void> {
    return this.two.chat.participation.remove(this.runId, { userId: 'ann', role: 'user' }, userId);
  }

  /** A socket that has been greeted. */
  async connect(gateway: RigGateway, userId: string, role: 'user' | 'admin' = 'user'): Promise<TestSocket> {
    const headers = { Authorization: `Bearer ${this.rig.token(userId, { role })}` };
    const socket = this.rig.connect(gateway, userId, { client: { headers } });
    await socket.greeted();
    return socket;
  }

  /** A socket that looks at the chat and has been told how things stand there. */
  async looker(gateway: RigGateway, userId: string): Promise<TestSocket> {
    const socket = await this.connect(gateway, userId);
    await this.look(socket);
    return socket;
  }

  async look(socket: TestSocket, runId = this.runId): Promise<void> {
    const before = socket.ofType('CHAT_STATE').length;
    send(socket, { type: 'CHAT_OPEN', data: { run_id: runId } });
    await socket.has(() => socket.ofType('CHAT_STATE').length > before, 'the state of the chat');
  }

  /** What both gateways made of comforts that came. */
  async counted(comfort: string, outcome: string): Promise<number> {
    const values = [this.one, this.two].map(({ metrics }) => metricValue(metrics.chat.comforts, { comfort, outcome }));
    return (await Promise.all(values)).reduce((sum, value) => sum + value, 0);
  }

  close(): Promise<void> {
    return this.rig.close();
  }
}

export function send({ socket }: TestSocket, frame: ClientFrame): void {
  socket.send(JSON.stringify(frame));
}

/** Resolves when the gateway has taken everything this socket has sent so far. */
export async function heardOut(socket: TestSocket): Promise<void> {
  const before = socket.ofType('PONG').length;
  send(socket, { type: 'PING' });
  await socket.has(() => socket.ofType('PONG').length > before, 'the answer to a ping');
}
