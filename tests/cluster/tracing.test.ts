import { expect } from 'chai';
import type { Step } from '../../shared/workflow/definition.ts';
import { delayStep } from '../support/cluster/stage.ts';
import { CALLER, TracedStage } from '../support/tracing/traced-stage.ts';
import { until } from '../support/until.ts';

const START = 'POST /api/v1/trigger';
const ask: Step = { name: 'ask', type: 'llm', config: { prompt: 'Say hello' } };

/** Trace ids which a ratio of 0.1 takes, or not: the sample is the highest tenth of what the last 56 bits can be (14 digits). */
const sampled = (n: number) => `${'0'.repeat(17)}${n}${'f'.repeat(14)}`;
const unsampled = (n: number) => `${'f'.repeat(17)}${n}${'0'.repeat(14)}`;

describe('a trace', function () {
  this.timeout(90_000);
  let traced: TracedStage;

  before(async function () {
    this.timeout(180_000);
    traced = await TracedStage.open();
  });
  after(async function () {
    this.timeout(60_000);
    await traced?.close();
  });

  it('in the sample shows a run from the click to the result, across replicas', async () => {
    const traceId = sampled(1);
    const listener = await traced.ada.listen(traced.stage.replica(1)).live();
    const runId = await traced.start(traceId, await traced.stage.workflow('asks', ask, traced.call('tell')));
    expect((await traced.ended(runId)).status).to.equal('succeeded');
    const trace = await traced.receiver.trace(
      traceId,
      START,
      'queue',
      'run',
      'step llm',
      'step webhook',
      'deliver WORKFLOW_COMPLETED',
    );

    const click = trace.one(START);
    expect(click).to.include({ replica: 'replica-1', parentSpanId: CALLER, failed: false });
    expect(click.attributes).to.include({ 'http.request.method': 'POST', 'http.response.status_code': 202 });
    const run = trace.one('run');
    expect(run.replica).to.be.oneOf(['replica-2', 'replica-3']);
    expect(run.parentSpanId).to.equal(click.spanId);
    expect(run.attributes).to.include({ 'weir.run.id': runId, 'weir.run.attempt': 1, 'weir.run.status': 'succeeded' });
    expect(trace.one('queue').parentSpanId).to.equal(click.spanId);
    expect(run.endedAt).to.be.greaterThan(click.startedAt);

    const model = trace.one('chat sim-primary');
    expect(trace.path(model)).to.deep.equal(['chat sim-primary', 'step llm', 'run', START]);
    expect(model.attributes).to.include({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'sim-primary',
      'gen_ai.response.model': 'sim-primary',
      'weir.provider': 'primary',
    });
    expect(model.attributes['gen_ai.usage.input_tokens']).to.be.greaterThan(0);
    expect(model.attributes['gen_ai.usage.output_tokens']).to.be.greaterThan(0);
    expect(JSON.stringify(trace.spans)).to.not.include('Say hello');
    const http = trace.all('POST').find((span) => span.parentSpanId === model.spanId);
    expect(http?.attributes).to.include({ 'http.response.status_code': 200 });

    const hook = trace.one('webhook POST');
    expect(trace.path(hook)).to.deep.equal(['webhook POST', 'step webhook', 'run', START]);
    expect(hook.attributes).to.include({ 'url.path': '/hook', 'http.response.status_code': 200 });
    expect(traced.hooks.seen.at(-1)?.headers.traceparent).to.equal(`00-${traceId}-${hook.spanId}-01`);

    for (const [detail, parent] of [
      ['runs.insert', START],
      ['admitRuns', START],
      ['runs.checkpoint', 'step llm'],
      ['runs.finish', 'step webhook'],
      ['releaseSlots', 'run'],
    ] as const)
      expect(
        trace.all(detail).map((span) => trace.path(span)[1]),
        detail,
      ).to.include(parent);

    const delivery = trace.one('deliver WORKFLOW_COMPLETED');
    expect(delivery.replica).to.equal('replica-1');
    expect(trace.path(delivery)).to.deep.equal(['deliver WORKFLOW_COMPLETED', 'run', START]);
    expect(listener.ofType('WORKFLOW_COMPLETED')[0]?.traceparent).to.equal(`00-${traceId}-${run.spanId}-01`);
    expect(traced.receiver.headers[0]).to.include({ 'x-tenant': 'weir test' });
    await listener.close();
  });

  it('reaches the model provider', async () => {
    const traceId = sampled(2);
    await traced.ended(await traced.start(traceId, await traced.stage.workflow('asks again', ask)));
    const trace = await traced.receiver.trace(traceId, 'run', 'chat sim-primary');
    const answer = await fetch(`${traced.stage.cluster.simulator.url}/primary/control`);
    const { seen } = (await answer.json()) as { seen: Array<{ traceparent: string | null }> };
    expect(seen.at(-1)?.traceparent).to.equal(`00-${traceId}-${trace.one('chat sim-primary').spanId}-01`);
  });

  it('outside the sample is not exported when all went well, although the caller says it is sampled', async () => {
    const runId = await traced.start(unsampled(1), await traced.stage.workflow('asks once more', ask));
    expect((await traced.ended(runId)).status).to.equal('succeeded');
    // What is exported of a later run comes after what would be exported of this one.
    await traced.ended(await traced.start(sampled(3), await traced.stage.workflow('asks after', ask)));
    await traced.receiver.trace(sampled(3), START, 'run');
    expect(traced.receiver.of(unsampled(1))).to.deep.equal([]);
  });

  it('outside the sample is exported when the run fails: the click too, which another replica has', async () => {
    const traceId = unsampled(2);
    const listener = await traced.ada.listen(traced.stage.replica(1)).live();
    const broken: Step = { name: 'broken', type: 'llm', config: { prompt: '{{payload.nobody}}' } };
    const runId = await traced.start(traceId, await traced.stage.workflow('fails', delayStep('wait', 0.2), broken));
    expect((await traced.ended(runId)).status).to.equal('failed');
    const trace = await traced.receiver.trace(
      traceId,
      START,
      'run',
      'step delay',
      'step llm',
      'deliver WORKFLOW_FAILED',
    );
    const run = trace.one('run');
    expect(run).to.include({ parentSpanId: trace.one(START).spanId, failed: true });
    expect(trace.one('step delay').failed).to.equal(false);
    const step = trace.one('step llm');
    expect(step.failed).to.equal(true);
    expect(step.attributes['error.type']).to.equal('template_invalid');
    expect(step.exceptions).to.have.length(1);
    expect(trace.spans.map(({ name }) => name)).to.not.include('runs.insert');
    expect(listener.ofType('WORKFLOW_FAILED')[0]?.traceparent).to.equal(`00-${traceId}-${run.spanId}-01`);
    await listener.close();
  });

  it('is exported when the run has waited too long', async () => {
    const long = await traced.stage.workflow('long', delayStep('wait', 600));
    const blocking = [await traced.start(sampled(4), long), await traced.start(sampled(4), long)];
    const late = await traced.start(unsampled(3), long);
    expect((await traced.ended(late)).status).to.equal('timed_out');
    const trace = await traced.receiver.trace(unsampled(3), START, 'queue');
    const queue = trace.one('queue');
    expect(queue).to.include({ failed: true, parentSpanId: trace.one(START).spanId });
    expect(queue.endedAt - queue.startedAt).to.be.within(5_900, 12_000);
    for (const runId of blocking) await traced.ada.api(traced.stage.replica(1)).cancel(runId);
  });

  it('is named in the log lines about it and in the problem documents', async () => {
    const traceId = sampled(5);
    const runId = await traced.start(traceId, await traced.stage.workflow('nap', delayStep('wait', 0)));
    await traced.ended(runId);
    const about = (line: Record<string, unknown>) => line.run_id === runId;
    const lines = await until(
      () => {
        const found = traced.stage.cluster.replicas.flatMap((replica) => traced.logged(replica)).filter(about);
        return found.some(({ message }) => message === 'run ended') && found;
      },
      { timeoutMs: 5_000, what: 'the log' },
    );
    expect(lines.map(({ message }) => message)).to.include.members(['run accepted', 'run started', 'run ended']);
    for (const line of lines) expect(line.trace_id, String(line.message)).to.equal(traceId);
    const problem = await traced.post('/api/v1/runs/01a1fb64-8d08-7710-94d2-5c4bd3d99333/cancel', traceId);
    expect(problem).to.include({ code: 'run_not_found', trace_id: traceId });
  });

  it('goes on when the run is rescued by another replica, with a link to the attempt before', async () => {
    const traceId = sampled(6);
    const runId = await traced.start(
      traceId,
      await traced.stage.workflow('rescued', delayStep('wait', 4), delayStep('again', 0)),
    );
    const { worker } = await until(
      async () =>
        (await traced.stage.record.runs([runId])).find((run) => run.worker !== null && run.startedAt !== null),
      { timeoutMs: 10_000, what: 'a worker' },
    );
    const lost = traced.stage.cluster.replicas.find(({ id }) => id === worker);
    const exported = traced.receiver.spans.length;
    await lost?.kill();
    expect(await traced.ended(runId)).to.include({ status: 'succeeded', attempt: 2 });
    await lost?.start();
    expect(traced.receiver.spans.length).to.be.at.least(exported);
    const trace = await traced.receiver.trace(traceId, START, 'run');
    const run = trace.one('run');
    expect(run.replica).to.not.equal(worker);
    expect(run.attributes['weir.run.attempt']).to.equal(2);
    expect(run.parentSpanId).to.equal(trace.one(START).spanId);
    expect(run.links.map((link) => link.traceId)).to.deep.equal([traceId]);
    expect(run.links[0]?.spanId).to.not.equal(run.spanId);
  });
});
