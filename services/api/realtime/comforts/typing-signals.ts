/** Between two signals of one person in one chat (ms). */
export const TYPING_INTERVAL_MS = 2_000;
/** Without another signal nobody types any more (ms): two may be lost. */
export const TYPING_LIFE_MS = 6_000;
/** People who type at the same moment on one replica; further ones are not told. Keeps the map small whatever is sent. */
const MAX_TYPISTS = 10_000;

interface Signal {
  runId: string;
  userId: string;
  /** As last told to the others. */
  told: boolean;
  toldAt: number;
  /** As last said by the client. */
  wanted: boolean;
}

/**
 * Keystrokes to signals: the first is told at once, then at most one each {@link TYPING_INTERVAL_MS} while it goes on, and the end, which
 * may wait for the interval. What a signal costs does not depend on how many look at the chat, nor how often a client says it.
 */
export class TypingSignals {
  private readonly signals = new Map<string, Signal>();

  constructor(private readonly tell: (runId: string, userId: string, typing: boolean) => void) {}

  /** False: told with, or as, another one. `now` in ms of a steady clock. */
  accept(runId: string, userId: string, typing: boolean, now: number): boolean {
    const key = `${runId}|${userId}`;
    const signal = this.signals.get(key);
    if (signal === undefined) {
      if (!typing || this.signals.size >= MAX_TYPISTS) return false;
      this.signals.set(key, { runId, userId, told: true, toldAt: now, wanted: true });
      this.tell(runId, userId, true);
      return true;
    }
    signal.wanted = typing;
    return (typing || signal.told) && this.send(signal, now);
  }

  /** Now and then: tells ends that had to wait, and forgets who is silent. */
  sweep(now: number): void {
    for (const [key, signal] of this.signals) {
      if (signal.told && !signal.wanted) this.send(signal, now);
      if (now - signal.toldAt >= TYPING_LIFE_MS || (!signal.told && now - signal.toldAt >= TYPING_INTERVAL_MS))
        this.signals.delete(key);
    }
  }

  clear(): void {
    this.signals.clear();
  }

  private send(signal: Signal, now: number): boolean {
    if (now - signal.toldAt < TYPING_INTERVAL_MS) return false;
    signal.told = signal.wanted;
    signal.toldAt = now;
    this.tell(signal.runId, signal.userId, signal.wanted);
    return true;
  }
}
