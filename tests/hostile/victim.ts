import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { type OwnReplica, startOwnReplica } from '../support/cluster/own-replica.ts';
import type { Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

const INSPECTOR_SAYS = /^(Debugger (listening|attached|ending)|For help, see|Waiting for)/;

/** A replica that is looked into from outside: by its log, its descriptors, and Node's own inspector. */
export class Victim {
  private ended: string | null = null;

  private constructor(
    readonly replica: OwnReplica,
    private readonly logDir: string,
  ) {
    void replica.exited.then(({ code }) => {
      this.ended = `it ended with code ${code}`;
    });
  }

  static async start(stage: Stage, settings: Record<string, string>): Promise<Victim> {
    const program = ['--inspect=127.0.0.1:0', join(PACKAGE_ROOT, 'dist/services/main.js')];
    // At debug, so that whatever a stranger sends is also written.
    const all = { WEIR_LOG_LEVEL: 'debug', ...settings };
    const replica = await startOwnReplica(stage.cluster, 'victim', all, program);
    return new Victim(replica, stage.cluster.logDir);
  }

  /** What tells of a fault inside so far, here or in the replica behind Nginx, in words. */
  async faults(): Promise<string[]> {
    const faults = this.ended === null ? [] : [this.ended];
    for (const text of [...this.log('victim'), ...this.log('replica-1')]) {
      if (INSPECTOR_SAYS.test(text)) continue;
      const line = parsed(text);
      if (line === null) faults.push(`a log line that is no JSON: ${text.slice(0, 200)}`);
      else if (line.level === 'error') faults.push(`logged as an error: ${text.slice(0, 800)}`);
    }
    const polluted = await this.evaluate('String(({}).polluted)');
    if (polluted !== 'undefined') faults.push('the prototype of all objects was changed');
    return faults;
  }

  /** Bytes of heap in use after full collections, when they have come to rest. */
  async heap(): Promise<number> {
    let last = Number.POSITIVE_INFINITY;
    return until(
      async () => {
        await this.inspect('HeapProfiler.collectGarbage');
        const now = Number(await this.evaluate('process.memoryUsage().heapUsed'));
        const settled = now > last * 0.99;
        last = Math.min(now, last);
        return settled && last;
      },
      { timeoutMs: 20_000, what: 'the heap to settle' },
    );
  }

  /** Open descriptors: sockets, files, pipes. */
  async descriptors(): Promise<number> {
    const pid = Number(await this.evaluate('process.pid'));
    return readdirSync(`/proc/${pid}/fd`).length;
  }

  private log(replica: string): string[] {
    return readFileSync(join(this.logDir, `${replica}.log`), 'utf8')
      .trimEnd()
      .split('\n');
  }

  private async evaluate(expression: string): Promise<string> {
    const answer = await this.inspect('Runtime.evaluate', { expression, returnByValue: true });
    return String((answer as { result: { value: unknown } }).result.value);
  }

  private async inspect(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const address = /Debugger listening on (ws:\S+)/.exec(this.log('victim').join('\n'))?.[1] ?? '';
    const socket = new WebSocket(address);
    try {
      return await new Promise((resolve, reject) => {
        socket.on('error', reject).on('close', () => reject(new Error('the inspector hung up')));
        socket.on('open', () => socket.send(JSON.stringify({ id: 1, method, params })));
        socket.on('message', (data) => {
          const answer = JSON.parse(String(data)) as { id?: number; result: unknown };
          if (answer.id === 1) resolve(answer.result);
        });
      });
    } finally {
      socket.terminate();
    }
  }
}

function parsed(text: string): { level?: string } | null {
  try {
    return JSON.parse(text) as { level?: string };
  } catch {
    return null;
  }
}
