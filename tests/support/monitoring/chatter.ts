import { randomUUID } from 'node:crypto';
import { delayStep } from '../cluster/stage.ts';
import type { Scene } from './scene.ts';

/** Somebody with a run, who talks about it and is seen typing. Connected until `leave`. */
export class Chatter {
  private constructor(
    private readonly scene: Scene,
    private readonly name: string,
    readonly runId: string,
    private readonly socket: Awaited<ReturnType<typeof connected>>,
  ) {}

  static async join(scene: Scene, name: string): Promise<Chatter> {
    const runId = await scene.start(name, await scene.workflow('talked about', delayStep('wait', 0.1)));
    const socket = await connected(scene, name);
    socket.connection.send({ type: 'CHAT_OPEN', data: { run_id: runId } });
    await socket.heard(({ frames }) => frames.some(({ type }) => type === 'CHAT_STATE'), 'the state of the chat');
    return new Chatter(scene, name, runId, socket);
  }

  /** One message, accepted or not. */
  async say(runId = this.runId): Promise<void> {
    const { cluster } = this.scene.stage;
    await fetch(`${this.scene.stage.replica(1).url}/api/v1/runs/${runId}/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await cluster.token(this.name)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_message_id: randomUUID(), text: 'Is it done?' }),
    });
  }

  /** Two keystrokes at once, of which others hear one. */
  type(runId = this.runId): void {
    for (let n = 0; n < 2; n++) this.socket.connection.send({ type: 'TYPING', data: { run_id: runId, typing: true } });
  }

  leave(): Promise<void> {
    return this.socket.close();
  }
}

function connected({ stage }: Scene, name: string) {
  return stage.person(name).listen().live();
}
