import { ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  createAlwaysRecordSampler,
  type ReadableSpan,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { type TailLimits, TailProcessor } from './tail.ts';

describe('which spans are exported', () => {
  let exported: ReadableSpan[];
  let told: string[];

  const rig = (ratio: number, limits: Partial<TailLimits> = {}) => {
    exported = [];
    told = [];
    const next = {
      onStart: () => {},
      onEnd: (span: ReadableSpan) => void exported.push(span),
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    const tail = new TailProcessor(next, {
      onKept: (traceId) => told.push(traceId),
      limits: { lingeringPerSecond: Number.POSITIVE_INFINITY, ...limits },
    });
    const sampler = createAlwaysRecordSampler(new TraceIdRatioBasedSampler(ratio));
    const tracer = new TracerProvider({ sampler, spanProcessors: [tail] }).getTracer('test');
    const begin = (name: string, parent?: Span) =>
      tracer.startSpan(name, {}, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));
    const fail = (span: Span) => span.setStatus({ code: SpanStatusCode.ERROR }).end();
    return { tail, begin, fail };
  };
  const names = () => exported.map(({ name }) => name);
  const traceId = (span: Span) => span.spanContext().traceId;

  it('is all of a trace in the sample, each as it ends, held by nobody', () => {
    const { tail, begin } = rig(1);
    const root = begin('request');
    begin('part', root).end();
    expect(names()).to.deep.equal(['part']);
    root.end();
    expect(names()).to.deep.equal(['part', 'request']);
    expect(tail.size).to.deep.equal({ traces: 0, spans: 0 });
  });

  it('is nothing of a trace outside the sample in which all went well', () => {
    const { tail, begin } = rig(0);
    const root = begin('request');
    begin('part', root).end();
    expect(tail.size).to.deep.equal({ traces: 1, spans: 1 });
    root.end();
    expect(names()).to.deep.equal([]);
    expect(tail.size).to.deep.equal({ traces: 0, spans: 0 });
  });

  it('is all of a trace in which something failed, also what ended before and what goes on after', () => {
    const { tail, begin, fail } = rig(0);
    const root = begin('request');
    begin('before', root).end();
    const failing = begin('failing', root);
    begin('elsewhere').end();
    fail(failing);
    expect(names()).to.deep.equal(['before', 'failing']);
    begin('after', root).end();
    root.end();
    expect(names()).to.deep.equal(['before', 'failing', 'after', 'request']);
    expect(exported.every((span) => span.spanContext().traceFlags === 1)).to.equal(true);
    expect(told).to.deep.equal([traceId(root)]);
    expect(tail.size).to.deep.equal({ traces: 0, spans: 0 });
  });

  it('is what waited here when another process finds that the trace has failed, once and without telling it again', () => {
    const { tail, begin } = rig(0);
    const root = begin('request');
    tail.linger(traceId(root));
    root.end();
    begin('another').end();
    expect(tail.size).to.deep.equal({ traces: 1, spans: 1 });
    tail.keep(traceId(root));
    tail.keep(traceId(root));
    expect(names()).to.deep.equal(['request']);
    expect(told).to.deep.equal([]);
    expect(tail.size).to.deep.equal({ traces: 0, spans: 0 });
  });

  it('is the rest of a trace that was told of while a part of it is under way here', () => {
    const { tail, begin } = rig(0);
    const root = begin('run');
    begin('step', root).end();
    tail.keep(traceId(root));
    root.end();
    expect(names()).to.deep.equal(['step', 'run']);
  });

  it('never takes more memory than the bounds: what lingers longest is forgotten', () => {
    const { tail, begin } = rig(0, { maxLingering: 100 });
    const lingering = Array.from({ length: 10_000 }, () => {
      const root = begin('request');
      tail.linger(traceId(root));
      root.end();
      expect(tail.size.traces).to.be.at.most(101);
      expect(tail.size.spans).to.be.at.most(101);
      return root;
    });
    for (const root of lingering) tail.keep(traceId(root));
    expect(exported.map((span) => span.spanContext().traceId)).to.deep.equal(lingering.slice(-100).map(traceId));
    expect(tail.size).to.deep.equal({ traces: 0, spans: 0 });
  });

  it('lets no more than some linger a second, so that a burst does not push out all that came before', () => {
    const { tail, begin } = rig(0, { lingeringPerSecond: 5 });
    for (let n = 0; n < 1_000; n++) {
      const root = begin('request');
      if (tail.mayLinger()) tail.linger(traceId(root));
      root.end();
    }
    expect(tail.size.traces).to.be.within(5, 15);
  });

  it('never takes more memory than the bounds: beyond them nothing is held, and a failure is exported alone', () => {
    const { tail, begin, fail } = rig(0, { maxTraces: 2, maxSpans: 8, maxSpansOfTrace: 5 });
    const [one, two, beyond] = [begin('one'), begin('two'), begin('beyond')];
    for (const root of [one, two, beyond])
      for (let part = 0; part < 50; part++) begin(`part of ${(root as unknown as ReadableSpan).name}`, root).end();
    expect(tail.size).to.deep.equal({ traces: 2, spans: 8 });
    fail(beyond);
    expect(names()).to.deep.equal(['beyond']);
    fail(two);
    expect(names()).to.deep.equal(['beyond', 'part of two', 'part of two', 'part of two', 'two']);
    expect(told).to.deep.equal([traceId(beyond), traceId(two)]);
  });

  it('is all of a trace that goes on here after it has lingered, whoever lingers meanwhile', () => {
    const { tail, begin, fail } = rig(0, { maxLingering: 10 });
    const click = begin('click');
    tail.linger(traceId(click));
    click.end();
    const run = begin('run', click);
    for (let n = 0; n < 100; n++) {
      const other = begin('other');
      tail.linger(traceId(other));
      other.end();
    }
    fail(run);
    expect(names()).to.deep.equal(['click', 'run']);
    expect(tail.size).to.deep.equal({ traces: 10, spans: 10 });
  });
});
