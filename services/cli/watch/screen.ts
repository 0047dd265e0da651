import { stripVTControlCharacters } from 'node:util';
import { visibleWidth } from '../render/table.ts';
import type { ScreenOperation } from './screen-operation.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Pace of the spinner (ms): smooth to the eye, nothing to the processor. */
const TICK_MS = 100;

export interface ScreenOptions {
  write(text: string): void;
  /** Columns of a terminal that understands cursor movement; null: a file, a pipe or a dumb terminal. */
  columns(): number | null;
  now(): number;
}

/** Puts operations on a terminal, with the status line kept moving at the bottom, or plainly one below the other. */
export class Screen {
  private status: Extract<ScreenOperation, { kind: 'status' }> | null = null;
  private lastKey = '';
  private drawn = false;
  private ticks = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ScreenOptions) {}

  put(operations: readonly ScreenOperation[]): void {
    for (const operation of operations) {
      if (operation.kind === 'status') this.putStatus(operation);
      else {
        this.clear();
        if (operation.kind === 'raw' || operation.aside !== true) this.forgetStatus();
        this.options.write(operation.kind === 'line' ? `${operation.text}\n` : operation.text);
      }
    }
  }

  /** Takes the status line away and ends the motion; safe twice. */
  close(): void {
    this.clear();
    this.status = null;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Draws the next picture of the status line. */
  tick(): void {
    const columns = this.options.columns();
    if (this.status === null || columns === null) return;
    const spinner = SPINNER[this.ticks++ % SPINNER.length] ?? '';
    this.options.write(`\r\u001b[2K  ${shorten(`${spinner} ${this.status.text(this.options.now())}`, columns - 3)}`);
    this.drawn = true;
  }

  private putStatus(operation: Extract<ScreenOperation, { kind: 'status' }>): void {
    this.status = operation;
    if (this.options.columns() === null) {
      if (operation.key !== this.lastKey && operation.motion !== true)
        this.options.write(`  … ${operation.text(this.options.now())}\n`);
      this.lastKey = operation.key;
      return;
    }
    this.tick();
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  private forgetStatus(): void {
    this.status = null;
    this.lastKey = '';
  }

  private clear(): void {
    if (this.drawn) this.options.write('\r\u001b[2K');
    this.drawn = false;
  }
}

/** A status line must not wrap: the next picture would only overwrite its last row. Colours are given up when it is too long. */
function shorten(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  const plain = [...stripVTControlCharacters(text)];
  return `${plain.slice(0, Math.max(0, width - 1)).join('')}…`;
}
