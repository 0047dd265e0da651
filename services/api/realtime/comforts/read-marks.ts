import type { ChatParticipants, ReadMark } from '../../../../db/repositories/chat-participants.ts';

/** Marks in one statement. */
const BATCH = 500;
/** Marks kept while Postgres is slow; further ones are dropped, the reader's next one tells more anyway. */
const MAX_MARKS = 10_000;

export interface ReadMarksDeps {
  participants: Pick<ChatParticipants, 'markRead'>;
  /** A mark that was news is stored. */
  onStored(mark: ReadMark): void;
}

/** How far people have read: kept for up to a second, the highest of each person and run, then stored in one statement for all. */
export class ReadMarks {
  private readonly marks = new Map<string, ReadMark>();
  private storing = false;

  constructor(private readonly deps: ReadMarksDeps) {}

  /** False: coalesced with another one. */
  accept(mark: ReadMark): boolean {
    const key = `${mark.runId}|${mark.userId}`;
    const known = this.marks.get(key);
    if (known !== undefined) {
      known.seq = Math.max(known.seq, mark.seq);
      return false;
    }
    if (this.marks.size < MAX_MARKS) this.marks.set(key, mark);
    return true;
  }

  /** What is not stored by then is never told. */
  clear(): void {
    this.marks.clear();
  }

  /** Stores what has gathered. Never rejects: without Postgres these marks are lost, they are a comfort. */
  async flush(): Promise<void> {
    if (this.storing || this.marks.size === 0) return;
    this.storing = true;
    try {
      const marks = [...this.marks.values()];
      this.marks.clear();
      for (let from = 0; from < marks.length; from += BATCH) {
        const stored = await this.deps.participants.markRead(marks.slice(from, from + BATCH));
        for (const mark of stored) this.deps.onStored(mark);
      }
    } catch {
      // See above.
    } finally {
      this.storing = false;
    }
  }
}
