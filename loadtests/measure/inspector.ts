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
/** Until an inspector that is told to close finds nobody attached (ms): it blocks its process until then. */
const CLOSE_AFTER_MS = 200;

interface Reply {
  result?: unknown;
  error?: { message: string };
}
const GONE: Reply = { error: { message: 'the process is gone' } };

/** Looks into a running Node process by its inspector, which Node opens on SIGUSR1; the process was started with `--inspect-port=<port>`. */
export class Inspector {
  private next = 1;
  private readonly waiting = new Map<number, (reply: Reply) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const reply = JSON.parse(String(data)) as Reply & { id?: number };
      if (reply.id === undefined) return;
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const answer of this.waiting.values()) answer(GONE);
      this.waiting.clear();
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

  /** Whether the process is still there. */
  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** A method of the DevTools protocol. Rejects when the process has ended, or ends meanwhile. */
  async call<Result>(method: string, params: object = {}): Promise<Result> {
    const id = this.next++;
    const { result, error } = await new Promise<Reply>((resolve) => {
      if (!this.isOpen) return resolve(GONE);
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
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

  /** Writes a snapshot of the heap after full collections. The process does nothing else meanwhile: a second or more for 40 MB. */
  async writeSnapshot(file: string): Promise<void> {
    const expression = `process.getBuiltinModule('node:v8').writeHeapSnapshot(${JSON.stringify(file)})`;
    const { exceptionDetails } = await this.call<{ exceptionDetails?: { text: string } }>('Runtime.evaluate', {
      expression,
    });
    if (exceptionDetails !== undefined) throw new Error(`no snapshot in ${file}: ${exceptionDetails.text}`);
    // Else V8 goes on numbering all objects, which takes memory beside the heap.
    await this.call('HeapProfiler.disable');
  }

  close(): void {
    this.socket.terminate();
  }

  /** Also closes the port that the process has opened for it. */
  async leave(): Promise<void> {
    const close = "process.getBuiltinModule('node:inspector').close()";
    await this.call('Runtime.evaluate', { expression: `void setTimeout(() => ${close}, ${CLOSE_AFTER_MS})` });
    this.close();
  }
}
