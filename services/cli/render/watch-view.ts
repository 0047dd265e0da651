import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { duration } from '../../../shared/wording/duration.ts';
import type { ScreenOperation } from '../watch/screen-operation.ts';
import type { Ending, StepFacts, WatchUpdate } from '../watch/updates.ts';
import { renderEnding } from './ending.ts';
import { printable, printableLine } from './printable.ts';
import { queuePlace } from './queue-place.ts';
import type { Style } from './style.ts';
import { OUTPUT_PREFIX, StreamWrapper } from './wrap.ts';

export interface WatchViewOptions {
  style: Style;
  /** Columns of the terminal; infinite for files and pipes. */
  width: number;
  /** Number of steps, for `2/3`. */
  stepCount: number;
  /** Unix ms now. */
  now(): number;
  /** How to call this program in hints. */
  program: string;
  runId: string;
}

const INDENT = '  ';

/** Turns what a watcher tells into what a person sees. It holds no more than the open piece of model output. */
export class WatchView {
  private output: StreamWrapper | null = null;
  private outputStep = '';
  private lastShown = '';
  private waitingTold = false;

  constructor(private readonly options: WatchViewOptions) {}

  show(update: WatchUpdate): ScreenOperation[] {
    if (update.kind === 'output') return this.showOutput(update);
    return [...this.closeOutput(), ...this.showFact(update)];
  }

  private showFact(update: Exclude<WatchUpdate, { kind: 'output' }>): ScreenOperation[] {
    const { style } = this.options;
    switch (update.kind) {
      case 'waiting':
        return this.waiting(update.message, update.place);
      case 'starting': {
        const again = update.attempt > 1 ? style.dim(` (attempt ${update.attempt})`) : '';
        return [line(`${INDENT}${style.cyan('▸')} ${printableLine(update.message)}${again}`)];
      }
      case 'step_started':
        return [this.working(update.step)];
      case 'step_ended': {
        const mark = update.succeeded ? style.green('✓') : style.red('✗');
        const took = update.durationMs === null ? '' : style.dim(`  ${duration(update.durationMs)}`);
        return [line(`${INDENT}${mark} ${this.stepLabel(update.step)}${took}`)];
      }
      case 'notice': {
        const mark = update.tone === 'warning' ? style.yellow('!') : style.green('✓');
        return [{ kind: 'line', text: `${INDENT}${mark} ${printableLine(update.message)}`, aside: true }];
      }
      case 'ended':
        return this.ending(update.ending);
    }
  }

  private showOutput(update: Extract<WatchUpdate, { kind: 'output' }>): ScreenOperation[] {
    const operations: ScreenOperation[] = [];
    const { style } = this.options;
    if (update.restart) {
      operations.push(...this.closeOutput());
      this.lastShown = '';
      if (this.outputStep === update.step.name)
        operations.push(line(`${INDENT}${style.yellow('↻')} the answer from its beginning`));
    }
    if (this.output === null || this.outputStep !== update.step.name) {
      operations.push(...this.closeOutput());
      if (this.outputStep !== update.step.name) {
        operations.push(line(`${INDENT}${style.cyan('●')} ${this.stepLabel(update.step)}`));
        this.lastShown = '';
      }
      this.output = new StreamWrapper(style.dim(OUTPUT_PREFIX), this.options.width - OUTPUT_PREFIX.length - 1);
      this.outputStep = update.step.name;
    }
    this.lastShown += update.text;
    const text = this.output.feed(printable(update.text));
    if (text !== '') operations.push({ kind: 'raw', text });
    return operations;
  }

  private closeOutput(): ScreenOperation[] {
    const text = this.output?.end() ?? '';
    this.output = null;
    return text === '' ? [] : [{ kind: 'raw', text }];
  }

  private waiting(message: string, place: QueuePlace | null): ScreenOperation[] {
    if (place === null) return [{ kind: 'status', key: 'place:none', motion: true, text: () => 'accepted' }];
    const told = this.waitingTold;
    this.waitingTold = true;
    return [
      ...(told ? [] : [line(`${INDENT}${this.options.style.yellow('○')} ${printableLine(message)}`)]),
      { kind: 'status', key: `place:${place.position}`, text: (now) => queuePlace(place, now) },
    ];
  }

  private working(step: StepFacts): ScreenOperation {
    const since = this.options.now();
    const label = this.stepLabel(step);
    return {
      kind: 'status',
      key: `step:${step.name}`,
      motion: step.kind === 'llm',
      text: (now) => `${label} ${this.options.style.dim(now - since < 1_000 ? '' : duration(now - since))}`.trimEnd(),
    };
  }

  private stepLabel(step: StepFacts): string {
    const number = step.index === null ? '' : `${step.index + 1}/${this.options.stepCount} `;
    const kind = step.kind === null ? '' : this.options.style.dim(` · ${step.kind}`);
    return `${number}${printableLine(step.name)}${kind}`;
  }

  private ending(ending: Ending): ScreenOperation[] {
    return renderEnding(ending, { ...this.options, lastOutput: this.lastShown }).map(line);
  }
}

function line(text: string): ScreenOperation {
  return { kind: 'line', text };
}
