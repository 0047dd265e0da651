import type { Fault, Sample, Span } from '../measure/sample.ts';

/** What a user saw, on its way to the one who counts. */
export class Reporter {
  constructor(private readonly send: (sample: Sample) => void) {}

  add(sample: Sample): void {
    this.send(sample);
  }

  span(span: Span, ms: number): void {
    this.send({ kind: 'span', at: Date.now(), span, ms: Math.max(0, ms) });
  }

  fault(fault: Fault, detail: string): void {
    this.send({ kind: 'fault', at: Date.now(), fault, detail });
  }
}
