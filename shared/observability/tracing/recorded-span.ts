import { enterScope, NOWHERE } from './details.ts';
import { SpanRecord } from './span-record.ts';
import type { OpenSpan, PartOptions } from './spans.ts';
import { writeTraceParent } from './trace-parent.ts';

/** A span that our code works with. The processor hears of it no sooner than it must: most requests end well, have no parts and do not linger. */
export class RecordedSpan extends SpanRecord implements OpenSpan {
  private registered = false;

  get traceId(): string {
    return this.ids.traceId;
  }

  get traceParent(): string {
    // What has failed is exported, so whoever continues it may know.
    const sampled = this.failed || this.sampled;
    return writeTraceParent({ traceId: this.ids.traceId, spanId: this.ids.spanId, sampled });
  }

  get detailed(): boolean {
    return this.sampled;
  }

  begin(name: string, { kind, attributes }: PartOptions): OpenSpan {
    this.register();
    const part = new RecordedSpan(this.core, name, kind ?? 'internal', this.idsOfPart(), this.ids, attributes);
    part.register();
    return part;
  }

  enter<T>(work: () => T): T {
    return enterScope(this.sampled ? [this] : NOWHERE, work);
  }

  linger(): void {
    if (!this.core.mayLinger()) return;
    this.register();
    this.core.linger(this.traceId);
  }

  override end(at?: number): void {
    if (this.failed || this.sampled) this.register();
    if (this.registered) super.end(at);
  }

  register(): void {
    if (!this.registered) this.core.processor.onStart(this);
    this.registered = true;
  }
}
