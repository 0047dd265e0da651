import { createStyle, type Style } from './render/style.ts';

/** The part of a writable stream that is used; `columns` and `isTTY` are there on terminals. */
export interface OutputStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ConsoleOptions {
  stdout: OutputStream;
  stderr: OutputStream;
  environment: NodeJS.ProcessEnv;
  /** Standard output belongs to JSON: what is for people goes to standard error, or nowhere. */
  json: boolean;
}

/** Where results, and where remarks go. Colours only on a terminal, and never with NO_COLOR (https://no-color.org). */
export class Console {
  readonly json: boolean;
  /** For standard output. */
  readonly style: Style;
  /** For standard error. */
  readonly noteStyle: Style;

  constructor(private readonly options: ConsoleOptions) {
    this.json = options.json;
    this.style = createStyle(this.coloured(options.stdout));
    this.noteStyle = createStyle(this.coloured(options.stderr));
  }

  /** The answer: `document` for scripts, `lines` for people. */
  answer(document: unknown, lines: () => readonly string[]): void {
    if (this.json) this.document(document);
    else this.print(lines());
  }

  document(value: unknown): void {
    this.options.stdout.write(`${JSON.stringify(value)}\n`);
  }

  print(lines: readonly string[]): void {
    if (lines.length > 0) this.options.stdout.write(`${lines.join('\n')}\n`);
  }

  /** A remark that is no part of the answer. */
  note(lines: readonly string[]): void {
    if (lines.length > 0) this.options.stderr.write(`${lines.join('\n')}\n`);
  }

  write(text: string): void {
    this.options.stdout.write(text);
  }

  /** Width of the terminal on standard output; null: none, or one that cannot move its cursor. */
  columns(): number | null {
    const { stdout, environment } = this.options;
    if (stdout.isTTY !== true || environment.TERM === 'dumb') return null;
    return stdout.columns || 80;
  }

  private coloured(stream: OutputStream): boolean {
    const { NO_COLOR, TERM } = this.options.environment;
    return stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  }
}
