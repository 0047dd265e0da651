import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { JOURNAL, type Links, WORKERS } from '../links/links.ts';
import type { Effect } from './evidence.ts';

/**
 * The other side of the steps: takes their calls, writes each down with the run and the step that its idempotency key names, and
 * answers with its number after as many milliseconds as the address says (`?ms=100`).
 */
export class Journal {
  readonly effects: Effect[] = [];
  private calledAt = 0;
  /** By the port that the call came from, each over a connection of its own; the latest one. */
  private readonly byPort = new Map<number, Effect>();
  private readonly server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key'] ?? '');
    const [runId = '', step = ''] = key.split(':');
    const no = this.effects.length + 1;
    const effect: Effect = { no, runId, step, at: Date.now(), answeredAt: null, answerLost: false };
    this.effects.push(effect);
    this.byPort.set(request.socket.remotePort ?? 0, effect);
    request.resume();
    response.on('finish', () => {
      effect.answeredAt = Date.now();
    });
    const ms = Number(new URL(request.url ?? '/', 'http://journal').searchParams.get('ms') ?? 0);
    void delay(ms).then(() => {
      if (response.destroyed) return;
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Connection', 'close');
      response.end(JSON.stringify({ effect: effect.no }));
    });
  });

  /** Called through the link between workers and journal. */
  static async open(links: Links): Promise<Journal> {
    const journal = new Journal();
    journal.server.listen(0, '127.0.0.1');
    await once(journal.server, 'listening');
    const { port } = journal.server.address() as AddressInfo;
    journal.calledAt = await links.portSeenBy(WORKERS, JOURNAL, port);
    await links.onBreak(WORKERS, JOURNAL, (from) => {
      const effect = journal.byPort.get(from);
      if (effect !== undefined) effect.answerLost = true;
    });
    return journal;
  }

  url(answerAfterMs: number): string {
    return `http://127.0.0.1:${this.calledAt}/?ms=${answerAfterMs}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
