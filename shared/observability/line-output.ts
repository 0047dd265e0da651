import { Writable } from 'node:stream';

/** Text is written when this much has gathered, although the turn of the event loop is not over (characters). */
const FLUSH_AT = 65_536;

const HIDDEN = '[hidden]';

/** As `process.stdout`. */
export type LineTarget = Pick<Writable, 'write' | 'on' | 'off'>;

/**
 * Collects the lines of one turn of the event loop into one `write`: under load the system calls are most of what a log line costs.
 * Nothing is held longer than a turn, and what is left when the process exits is written then (writes to files and pipes are
 * synchronous on POSIX systems). What the target refuses (a full disk, a reader that is gone) is lost: no line is worth a run, and an
 * `error` that nobody hears would end the process. What is written when it takes text again begins on a line of its own, as the last one
 * may have been cut in the middle.
 */
export class LineOutput extends Writable {
  private text = '';
  private scheduled = false;
  /** The target has refused something since it last took something. */
  private refused = false;

  private readonly hidden: readonly string[];

  /** `hide`: texts in whose place {@link HIDDEN} is written, also as they stand in JSON. */
  constructor(
    private readonly target: LineTarget,
    hide: readonly string[] = [],
  ) {
    super({ decodeStrings: false });
    target.on('error', this.lose);
    this.hidden = [...new Set(hide.flatMap((text) => [JSON.stringify(text).slice(1, -1), text]))];
    process.on('exit', this.flush);
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    if (this.text.length >= FLUSH_AT) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(this.flush);
    }
    done();
  }

  override _final(done: () => void): void {
    process.off('exit', this.flush);
    this.flush();
    this.target.off('error', this.lose);
    done();
  }

  private readonly flush = (): void => {
    this.scheduled = false;
    if (this.text === '') return;
    const text = this.refused ? `\n${this.text}` : this.text;
    this.text = '';
    this.refused = false;
    this.target.write(this.hidden.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text));
  };

  private readonly lose = (): void => {
    this.refused = true;
  };
}
