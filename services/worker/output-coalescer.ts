/** Longest time a piece of output waits for others (ms): below what an eye notices, and 20 frames a second at most per run. */
const INTERVAL_MS = 50;

/**
 * Joins the pieces of a model's answer into frames. A piece after silence goes out at once; under a stream of them the rest
 * follows every {@link INTERVAL_MS}.
 */
export class OutputCoalescer {
  private text = '';
  private restarted = false;
  private timer: NodeJS.Timeout | undefined;
  private lastSentAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly send: (text: string, restart: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  add(piece: string): void {
    this.text += piece;
    this.schedule();
  }

  /** What was added so far is void, also what has been sent. */
  restart(): void {
    this.text = '';
    this.restarted = true;
    this.schedule();
  }

  /** Sends what is left at once. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.text === '' && !this.restarted) return;
    this.lastSentAt = this.now();
    const { text, restarted } = this;
    this.text = '';
    this.restarted = false;
    this.send(text, restarted);
  }

  /** Forgets what is left. */
  discard(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.text = '';
    this.restarted = false;
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    const waitMs = this.lastSentAt + INTERVAL_MS - this.now();
    if (waitMs <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), waitMs);
  }
}
