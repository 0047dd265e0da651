import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import { feed } from './feed.ts';
import { statusPage } from './page.ts';
import { STATUS_SCRIPT } from './script.ts';
import { staleStatus, staleSummary } from './stale.ts';
import type { Standing, StatusBoard } from './status-board.ts';
import { STATUS_STYLE } from './style.ts';

/** Ms between looks: what has changed is on disk that soon. */
const LOOK_EVERY_MS = 2_000;
/** Written after this time (ms) although nothing has changed, as the page says of when it is. */
const RENEW_EVERY_MS = 10_000;

export interface StatusSnapshotDeps {
  board: Pick<StatusBoard, 'standing'>;
  /** Shared by the replicas and Nginx; empty: nothing is written. */
  folder: string;
  publicUrl: string;
  log: Logger;
}

/**
 * Keeps on disk what Nginx answers when no replica does. What is written says of itself that it is old: it is never served while a replica
 * answers. All replicas write the same files, each by a rename, so a reader finds a whole one.
 */
export class StatusSnapshot implements Service {
  readonly name = 'status snapshot';
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private written: { content: string; at: number } | undefined;
  private failing = false;
  private stopped = true;

  constructor(private readonly deps: StatusSnapshotDeps) {}

  async start(): Promise<void> {
    if (this.deps.folder === '') return;
    this.stopped = false;
    this.loop();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.writing;
  }

  /** Never rejects. */
  async write(): Promise<void> {
    const { board, folder, log } = this.deps;
    try {
      const standing = await board.standing();
      const content = JSON.stringify({ ...standing, uptime: null, status: { ...standing.status, at: '' } });
      const now = performance.now();
      if (this.written?.content === content && now - this.written.at < RENEW_EVERY_MS) return;
      await mkdir(folder, { recursive: true });
      for (const [name, text] of Object.entries(this.files(standing))) await replaceFile(join(folder, name), text);
      this.written = { content, at: now };
      this.failing = false;
    } catch (error) {
      if (!this.failing) log.warn('status snapshot not written', { folder, error });
      this.failing = true;
    }
  }

  private files(standing: Standing): Record<string, string> {
    const { status, past } = standing;
    const { publicUrl } = this.deps;
    const all = [...status.incidents, ...status.maintenance, ...past];
    return {
      'style.css': STATUS_STYLE,
      'script.js': STATUS_SCRIPT,
      'feed.rss': feed(all, publicUrl, status.at),
      'status.json': JSON.stringify(staleStatus(status)),
      'summary.json': JSON.stringify(staleSummary(status, publicUrl)),
      'stale.html': statusPage(standing, { stale: true }),
    };
  }

  private loop(): void {
    this.writing = this.write().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.loop(), LOOK_EVERY_MS);
    });
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    // Readable for Nginx, which is somebody else in a container.
    await writeFile(fresh, text, { mode: 0o644 });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
