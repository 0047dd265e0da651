import { expect } from 'chai';
import type { UserEvent } from '../../redis/event-streams.ts';
import { terminalEvent } from '../../shared/protocol/terminal-event.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { until } from '../../tests/support/until.ts';
import { type ScriptedServer, scriptedServer } from '../../tests/support/worker/scripted-server.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';
import { createSimulator } from '../llm-sim/simulator.ts';

const wait = (name: string, duration = 0): Step => ({ name, type: 'delay', config: { duration } });
const ask = (name: string, prompt: string): Step => ({ name, type: 'llm', config: { prompt } });

describe('worker', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 12 });
  let server: ScriptedServer;
  let rig: WorkerRig;

  before(async () => {
    await simulator.start();
    server = await scriptedServer();
    rig = await WorkerRig.start({ modelUrl: simulator.url });
  });
  after(async () => {
    await rig.close();
    await server.close();
    await simulator.stop();
  });
  beforeEach(() => simulator.control({ tokens_per_second: 0, tokens: 12 }));
  afterEach(() => rig.finishTest());

  it('executes all steps in order, hands outputs on, and tells every one of them', async () => {
    const { metrics } = await rig.worker();
    const steps: Step[] = [
      ask('draft', 'About {{payload.topic}}'),
      { name: 'send', type: 'webhook', config: { url: `${server.url}/in`, body: { text: '{{steps.draft.output}}' } } },
      wait('rest', 0.01),
    ];
    const id = await rig.submit(steps, { payload: { topic: 'weirs' } });
    const run = await rig.ended(id);
    await rig.told(id);
    await rig.slotsFree();
    expect(run).to.include({ status: 'succeeded', attempt: 1, currentStep: 3, error: null });
    expect(run.result).to.deep.equal({ waited_seconds: 0.01 });
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).to.deep.equal({
      text: 'You asked: "About weirs". Here is a short, calm answer to that.',
    });
    expect(rig.story(id).filter((type) => type !== 'WORKFLOW_OUTPUT')).to.deep.equal([
      'WORKFLOW_STARTING',
      ...[
        'STEP draft started',
        'STEP draft succeeded',
        'STEP send started',
        'STEP send succeeded',
        'STEP rest started',
        'STEP rest succeeded',
      ],
      'WORKFLOW_COMPLETED',
    ]);
    const [draft] = await rig.db.runs.steps(id);
    expect(draft?.usage).to.include({ provider: 'primary', output_tokens: 12 });
    const text = await metrics.registry.metrics();
    expect(text)
      .to.include('weir_runs_finished_total{status="succeeded",workflow="Test"} 1')
      .and.to.include('weir_runs_executing 0');
    expect(text).to.include('weir_start_latency_seconds_count 1').and.to.include('weir_queue_wait_seconds_count 1');
  });

  it('streams model output live between its start and its end, in few frames, and stores none of it', async () => {
    simulator.control({ tokens: 100, tokens_per_second: 400 });
    await rig.worker();
    const begun = performance.now();
    const id = await rig.submit([ask('draft', 'x')]);
    const { result } = await rig.ended(id);
    await rig.told(id);
    const ms = performance.now() - begun;
    const story = rig.story(id);
    const pieces = rig.frames.filter((frame) => frame.type === 'WORKFLOW_OUTPUT' && frame.data.run_id === id);
    expect(pieces.map((frame) => (frame.type === 'WORKFLOW_OUTPUT' ? frame.data.text : '')).join('')).to.equal(result);
    // One every 50 ms of however long this took; a timer of Node may fire a millisecond early.
    expect(pieces.length).to.be.within(3, ms / 49 + 2);
    expect(pieces.every((frame) => frame.offset === undefined)).to.equal(true);
    expect(story.indexOf('WORKFLOW_OUTPUT')).to.be.above(story.indexOf('STEP draft started'));
    expect(story.lastIndexOf('WORKFLOW_OUTPUT')).to.be.below(story.indexOf('STEP draft succeeded'));
  });

  it('fails a run with code, reason and step when a step fails, and leaves the later steps alone', async () => {
    await rig.worker({ hosts: [] });
    const id = await rig.submit([
      wait('first'),
      { name: 'call', type: 'webhook', config: { url: server.url } },
      wait('never'),
    ]);
    const run = await rig.ended(id);
    await rig.told(id);
    await rig.slotsFree();
    expect(run.error).to.deep.equal({
      code: 'webhook_refused',
      reason: 'The host "127.0.0.1" is not on the list of hosts that webhooks may call.',
      step: 'call',
    });
    expect(rig.story(id).slice(-2)).to.deep.equal(['STEP call failed', 'WORKFLOW_FAILED']);
    expect(rig.frames.at(-1)?.data).to.include({ reason: run.error?.reason, step: 'call' });
    expect(await rig.db.runs.steps(id)).to.have.length(1);
  });

  it('fails a run whose template refers to nothing, with the reference in the reason', async () => {
    await rig.worker();
    const { error } = await rig.ended(await rig.submit([ask('draft', 'Hi {{payload.nobody}}')]));
    expect(error).to.include({ code: 'template_invalid', step: 'draft' });
    expect(error?.reason).to.include('{{payload.nobody}}');
  });

  it('stops a cancelled run at once in mid-stream: the provider socket is closed, the slot is free, nothing more is written', async () => {
    simulator.control({ tokens: 10_000, tokens_per_second: 50 });
    const aborted = simulator.stats.aborted;
    await rig.worker();
    const id = await rig.submit([ask('draft', 'x'), wait('never')]);
    await until(() => rig.story(id).includes('WORKFLOW_OUTPUT'), { timeoutMs: 5_000, what: 'output' });
    await rig.cancel(id);
    // Told at once: a worker that had to find out would learn it from its next renewal, 5 s later.
    await until(() => simulator.stats.aborted === aborted + 1, { timeoutMs: 3_000, what: 'the closed socket' });
    await rig.slotsFree();
    await rig.told(id);
    expect(await rig.run(id)).to.include({ status: 'cancelled', currentStep: 0 });
    expect(rig.story(id).at(-1)).to.equal('WORKFLOW_CANCELLED');
    expect(await rig.db.runs.steps(id)).to.have.length(0);
  });

  it('learns of a cancel whose message was missed from its next renewal', async () => {
    await rig.worker({ renewEveryMs: 20, channels: { onControl: () => () => undefined } });
    const id = await rig.submit([wait('long', 3_600)]);
    await until(() => rig.story(id).includes('STEP long started'), { timeoutMs: 5_000, what: 'the step' });
    await rig.cancel(id);
    await rig.slotsFree();
    expect(rig.story(id).at(-1)).to.equal('WORKFLOW_CANCELLED');
  });

  it('stops and frees the slot when Postgres alone knows of the cancel, at its next write', async () => {
    const { metrics } = await rig.worker();
    const id = await rig.submit([wait('short', 0.2), wait('never')]);
    await until(() => rig.story(id).includes('STEP short started'), { timeoutMs: 5_000, what: 'the step' });
    await rig.db.runs.cancel(id, null);
    await rig.slotsFree();
    await rig.told(id);
    expect(rig.story(id).slice(1)).to.deep.equal(['STEP short started', 'WORKFLOW_CANCELLED']);
    expect(await metrics.registry.metrics()).to.include('weir_writes_fenced_total 1');
  });

  it('tells nothing of a run whose end somebody else has told before', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { events } = rig.redis;
    const late = {
      publish: (told: readonly UserEvent[]) => held.then(() => events.publish(told)),
      publishLive: events.publishLive.bind(events),
    };
    await rig.worker({ events: late });
    const id = await rig.submit([wait('long', 3_600)]);
    await until(async () => (await rig.run(id))?.attempt === 1, { timeoutMs: 5_000, what: 'the claim' });
    await rig.cancel(id);
    const run = await rig.run(id);
    const end = run && terminalEvent(run);
    if (end) await events.publish([end]);
    letGo();
    await rig.slotsFree();
    expect(rig.story(id)).to.deep.equal(['WORKFLOW_CANCELLED']);
  });

  it('has no more runs in hand than its concurrency, and takes the next in the moment one ends', async () => {
    const { worker } = await rig.worker({ concurrency: 2 });
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push(await rig.submit([wait('nap', 0.1)]));
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, worker.runsInHand);
    }, 5);
    const runs = await Promise.all(ids.map((id) => rig.ended(id)));
    clearInterval(watch);
    expect(most).to.equal(2);
    expect(runs.map((run) => run.startNo)).to.deep.equal(
      [...runs.map((run) => run.startNo)].sort((a, b) => Number(a) - Number(b)),
    );
  });

  it('writes the correlation id of the run into every line about it', async () => {
    const { lines } = await rig.worker();
    const id = await rig.submit([wait('first'), ask('bad', '{{payload.nobody}}')]);
    await rig.ended(id);
    await rig.slotsFree();
    const about = lines.filter((line) => line.fields.run_id === id);
    expect(about.map((line) => line.message)).to.deep.equal([
      'run started',
      'step succeeded',
      'step failed',
      'run ended',
    ]);
    expect(about.every((line) => line.fields.correlation_id === `correlation-${id}`)).to.equal(true);
  });
});
