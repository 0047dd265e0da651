/** Stands before every line of a step's output. */
export const OUTPUT_PREFIX = '      │ ';

/**
 * Breaks text that arrives in pieces at blanks, behind a prefix on every line. A word is held back until it is whole,
 * so that a piece that ends in the middle of it cannot tear it; that costs one word of latency. Words longer than a
 * line are left to the terminal.
 */
export class StreamWrapper {
  private word = '';
  private blanks = '';
  private column = 0;
  private begun = false;

  /** `width`: characters beside the prefix; infinite where nobody looks (files, pipes). */
  constructor(
    private readonly prefix: string,
    private readonly width: number,
  ) {}

  /** What to write now for a further piece. */
  feed(piece: string): string {
    let out = '';
    for (const character of piece) {
      if (character === '\n') out += this.flushWord() + this.lineFeed();
      else if (character === ' ' || character === '\t') {
        out += this.flushWord();
        this.blanks += character === '\t' ? '  ' : ' ';
      } else this.word += character;
    }
    return out;
  }

  /** What to write at the end: the held-back word, and a line feed if a line is open. */
  end(): string {
    const out = this.flushWord();
    return this.begun ? out + this.lineFeed() : out;
  }

  private flushWord(): string {
    if (this.word === '') return '';
    const length = [...this.word].length;
    let out = '';
    if (this.begun && this.column + this.blanks.length + length > this.width) out += this.lineFeed();
    if (!this.begun) out += this.prefix;
    out += this.blanks + this.word;
    this.begun = true;
    this.column += this.blanks.length + length;
    this.word = '';
    this.blanks = '';
    return out;
  }

  private lineFeed(): string {
    const out = this.begun ? '\n' : `${this.prefix.trimEnd()}\n`;
    this.begun = false;
    this.column = 0;
    this.blanks = '';
    return out;
  }
}
