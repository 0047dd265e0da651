import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { IN_SAMPLE, OUTSIDE, recordSpans } from '../../../tests/support/tracing/recorded-spans.ts';
import { currentScope, detail, enterScopes } from './details.ts';
import {
  NO_SPAN,
  type OpenSpan,
  openSpan,
  pastSpan,
  type SpanOptions,
  setTracingCore,
  type TraceSpan,
} from './spans.ts';

const parentOf = (traceId: string, flags = '00') => `00-${traceId}-00000000000000aa-${flags}`;

describe('spans', () => {
  let begun: ReadableSpan[];
  let ended: ReadableSpan[];
  let mayLinger: boolean;
  let lingering: string[];

  beforeEach(() => {
    mayLinger = true;
    ({ begun, ended, lingering } = recordSpans(() => mayLinger));
  });
  afterEach(() => void setTracingCore(null));

  const named = (name: string) => ended.filter((span) => span.name === name);
  const within = async <T>(span: OpenSpan, work: (span: TraceSpan) => Promise<T>): Promise<T> => {
    try {
      return await work(span);
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  };
  const traced = <T>(name: string, options: SpanOptions, work: (span: TraceSpan) => Promise<T>) =>
    within(openSpan(name, options), work);
  const inside = (span: TraceSpan) => within(span.begin('part', {}), nap);
  const nap = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('cost nothing and do the work all the same while tracing is off', async () => {
    setTracingCore(null);
    const result = await traced('root', { parent: null }, async (span) => {
      expect(span).to.equal(NO_SPAN);
      return within(span.begin('part', {}), (part) => part.enter(() => detail('statement', {}, async () => 7)));
    });
    pastSpan('past', { parent: null, startedAt: 1, endedAt: 2 });
    expect([result, ended.length]).to.deep.equal([7, 0]);
  });

  it('continue the trace they are given, else begin one, and end with their work', async () => {
    await traced('root', { parent: parentOf(OUTSIDE), kind: 'server', attributes: { a: 1 } }, async (span) => {
      expect(span.traceParent).to.equal(`00-${OUTSIDE}-0000000000000001-00`);
      span.set({ b: 2, c: undefined });
      span.set({ d: 'late' });
      await inside(span);
      expect(named('root')).to.deep.equal([]);
    });
    const [part, root] = ended;
    expect(root?.parentSpanContext).to.include({ spanId: '00000000000000aa', isRemote: true });
    expect(root?.attributes).to.deep.equal({ a: 1, b: 2, d: 'late' });
    expect(part?.parentSpanContext).to.include({ traceId: OUTSIDE, spanId: '0000000000000001' });
    expect(part?.parentSpanContext?.isRemote).to.equal(undefined);
    expect(root?.ended).to.equal(true);
    await traced('fresh', { parent: null }, async (span) => void expect(span.traceId).to.equal(IN_SAMPLE));
    expect(named('fresh')[0]?.parentSpanContext?.spanId).to.equal('');
  });

  it('that fail say why, an error with its stack, and tell whoever continues them', async () => {
    await traced('broken', { parent: parentOf(OUTSIDE) }, () => Promise.reject(new TypeError('broken'))).catch(
      () => {},
    );
    expect(ended[0]?.status).to.deep.equal({ code: 2, message: 'broken' });
    expect(ended[0]?.events[0]?.attributes).to.include({
      'exception.type': 'TypeError',
      'exception.message': 'broken',
    });
    await traced('told', { parent: parentOf(OUTSIDE) }, async (span) => {
      span.fail('by hand');
      expect(span.traceParent?.endsWith('-01')).to.equal(true);
      span.linger();
    });
    expect(named('told')[0]?.events).to.deep.equal([]);
    expect(lingering).to.deep.equal([OUTSIDE]);
  });

  it('of requests outside the sample are held for nothing when they end well, have no parts and do not linger', async () => {
    const request = (traceId: string, work: (span: TraceSpan) => unknown, flags?: string) => {
      const span = openSpan('request', { parent: parentOf(traceId, flags) });
      return Promise.resolve(work(span)).finally(() => span.end());
    };
    const nothing = () => {};
    await request(OUTSIDE, nothing);
    mayLinger = false;
    await request(OUTSIDE, (span) => span.linger());
    expect([begun.length, ended.length, lingering.length]).to.deep.equal([0, 0, 0]);

    mayLinger = true;
    await request(OUTSIDE, (span) => span.linger());
    await request(OUTSIDE, (span) => span.fail('broken'));
    await request(OUTSIDE, nothing, '01');
    await request(IN_SAMPLE, nothing);
    expect(lingering).to.deep.equal([OUTSIDE]);
    expect([begun.length, ended.length]).to.deep.equal([4, 4]);
    await request(OUTSIDE, inside);
    expect(begun.slice(4).map(({ name }) => name)).to.deep.equal(['request', 'part']);
    expect(ended.slice(4).map(({ name }) => name)).to.deep.equal(['part', 'request']);
  });

  it('have details in the sample only, and only of what is begun before anything is waited for', async () => {
    const query = (name: string) => detail(name, {}, nap);
    const work = (suffix: string) => async (span: TraceSpan) => {
      await span.enter(() => query(`entered ${suffix}`));
      await span.enter(async () => {
        await nap();
        await query(`late ${suffix}`);
      });
      await query(`outside ${suffix}`);
    };
    await traced('root', { parent: parentOf(IN_SAMPLE) }, work('in the sample'));
    await traced('root', { parent: parentOf(OUTSIDE) }, work('not'));
    expect(ended.map(({ name }) => name)).to.deep.equal(['entered in the sample', 'root']);
    expect(currentScope()).to.deep.equal([]);
  });

  it('share the details of a batch, each its own', async () => {
    const scopes: Array<ReturnType<typeof currentScope>> = [];
    const join = (traceId: string) =>
      traced('root', { parent: parentOf(traceId) }, async (span) => {
        span.enter(() => scopes.push(currentScope()));
      });
    await Promise.all([join(IN_SAMPLE), join(OUTSIDE), join(IN_SAMPLE)]);
    await enterScopes(scopes, () => detail('insert', {}, () => Promise.reject(new Error('full')))).catch(() => {});
    const roots = named('root').filter((span) => span.spanContext().traceId === IN_SAMPLE);
    expect(named('insert').map((span) => span.parentSpanContext?.spanId)).to.deep.equal(
      roots.map((span) => span.spanContext().spanId),
    );
    expect(named('insert').every((span) => span.status.code === 2)).to.equal(true);
  });

  it('know their times, also those that are over already', async () => {
    const before = Date.now();
    await traced('root', { parent: null }, nap);
    const ms = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1_000 + nanoseconds / 1e6;
    const [root] = ended;
    expect(root && ms(root.startTime)).to.be.within(before - 2, Date.now() + 2);
    expect(root && ms(root.duration)).to.be.within(0, Date.now() - before + 2);
    pastSpan('past', {
      parent: parentOf(OUTSIDE),
      startedAt: 1_700_000_000_123,
      endedAt: 1_700_000_001_500,
      failure: 'late',
    });
    const [past] = named('past');
    expect(past?.startTime).to.deep.equal([1_700_000_000, 123_000_000]);
    expect(past?.duration).to.deep.equal([1, 377_000_000]);
    expect(past?.status).to.deep.equal({ code: 2, message: 'late' });
  });

  it('have the name that was chosen for them, and link where they are told to', async () => {
    const link = parentOf(OUTSIDE);
    await traced('root', { parent: null, spanId: '00000000000000ff', link }, async () => {});
    expect(ended[0]?.spanContext().spanId).to.equal('00000000000000ff');
    expect(ended[0]?.links[0]?.context).to.include({ traceId: OUTSIDE, spanId: '00000000000000aa' });
  });
});
