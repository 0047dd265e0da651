import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

/** Bytes of a process after full collections. */
export interface Memory {
  /** What the kernel counts; Node gives pages back late or never. */
  rss: number;
  /** Objects, and what they hold outside of V8's heap (buffers). */
  heap: number;
}

/** Collections until what a finished promise or a closed socket held is gone as well. */
const COLLECTIONS = 4;
const ATTACH_WITHIN_MS = 10_000;

/** Looks into a running Node process by its inspector, which Node opens on SIGUSR1; the process was started with `--inspect-port=<port>`. */
export class Inspector {
  private next = 1;
  private readonly waiting = new Map<number, (reply: { result?: unknown; error?: { message: string } }) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const reply = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      if (reply.id === undefined) return;
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
  }

  static async attach(pid: number, port: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const address = `http://127.0.0.1:${port}/json/list`;
    for (const until = Date.now() + ATTACH_WITHIN_MS; ; await sleep(50)) {
      const pages = await fetch(address)
        .then((answer) => answer.json() as Promise<Array<{ webSocketDebuggerUrl: string }>>)
        .catch(() => []);
      const url = pages[0]?.webSocketDebuggerUrl;
      if (url === undefined && Date.now() < until) continue;
      if (url === undefined) throw new Error(`process ${pid} has no inspector on port ${port}`);
      const socket = new WebSocket(url, { perMessageDeflate: false });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return new Inspector(socket);
    }
  }

  /** A method of the DevTools protocol. */
  async call<Result>(method: string, params: object = {}): Promise<Result> {
    const id = this.next++;
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await new Promise<{ result?: unknown; error?: { message: string } }>((resolve) =>
      this.waiting.set(id, resolve),
    );
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as Result;
  }

  async memory(): Promise<Memory> {
    for (let n = 0; n < COLLECTIONS; n++) {
      await this.call('HeapProfiler.collectGarbage');
      await sleep(50);
    }
    const { result } = await this.call<{ result: { value: string } }>('Runtime.evaluate', {
      expression: 'JSON.stringify(process.memoryUsage())',
      returnByValue: true,
    });
    const { rss, heapUsed, external } = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { rss, heap: heapUsed + external };
  }

  close(): void {
    this.socket.terminate();
  }
}
