import { expect } from 'chai';
import type { EventFrame } from '../../shared/protocol/events.ts';
import { ChatCheck } from './chat-check.ts';
import { outcomeOf, routeOf } from './measured-fetch.ts';
import { RunCheck } from './run-check.ts';
import { StreamCheck } from './stream-check.ts';

const frame = (type: string, offset?: number, data: object = {}, epoch = 'e') =>
  ({ type, data, at: '', ...(offset === undefined ? {} : { epoch, offset }) }) as unknown as EventFrame;

describe('what a user notices', () => {
  const streamFaults = (...frames: EventFrame[]) => {
    const check = new StreamCheck();
    return frames.map((each) => check.arrive(each)?.fault ?? null);
  };

  it('nothing, when a stream is as it must be, over two sockets', () => {
    const faults = streamFaults(
      frame('SNAPSHOT', 3),
      frame('WORKFLOW_QUEUED', 4),
      frame('CAPACITY_WARNING'),
      frame('RESUMED', 4),
      frame('WORKFLOW_STARTING', 5),
    );
    expect(faults).to.deep.equal([null, null, null, null, null]);
  });

  it('a hole, a repeat, another stream, and a socket that did not go on where it was', () => {
    const begun = frame('SNAPSHOT', 1);
    expect(streamFaults(begun, frame('WORKFLOW_STEP', 3))).to.deep.equal([null, 'out_of_order']);
    expect(streamFaults(begun, frame('WORKFLOW_STEP', 2), frame('WORKFLOW_STEP', 2))[2]).to.equal('repeated_event');
    expect(streamFaults(begun, frame('WORKFLOW_STEP', 2, {}, 'other'))[1]).to.equal('out_of_order');
    expect(streamFaults(begun, frame('RESUMED', 0))[1]).to.equal('not_resumed');
    expect(streamFaults(begun, frame('SNAPSHOT', 7))[1]).to.equal('not_resumed');
    expect(streamFaults(frame('WORKFLOW_STEP', 1))).to.deep.equal(['out_of_order']);
  });

  const runFaults = (...frames: EventFrame[]) => {
    const run = new RunCheck('r');
    for (const each of frames) run.arrive(each, 1_000);
    return run.faults;
  };
  const starting = (attempt: number) => frame('WORKFLOW_STARTING', 1, { attempt });
  const step = (index: number) => frame('WORKFLOW_STEP', 1, { index });
  const completed = frame('WORKFLOW_COMPLETED', 1);

  it('nothing, when a run is told from its place to its end, also after an interruption', () => {
    expect(runFaults(frame('WORKFLOW_QUEUED', 1), starting(1), step(0), step(1), completed)).to.deep.equal([]);
    expect(runFaults(starting(1), step(0), step(1), starting(2), step(1), completed)).to.deep.equal([]);
    expect(runFaults(frame('WORKFLOW_QUEUED', 1), frame('WORKFLOW_CANCELLED', 1))).to.deep.equal([]);
  });

  it('a start that had waited for a socket as one that is in order, and as none that is timed', () => {
    const run = new RunCheck('r');
    run.arrive(starting(1), null);
    run.arrive(starting(2), 7_000);
    run.arrive(completed, 7_001);
    expect([run.faults, run.startingAt]).to.deep.equal([[], null]);
  });

  it('an end without a beginning, steps backwards, and news after the end', () => {
    expect(runFaults(completed)).to.deep.equal(['finished without WORKFLOW_STARTING']);
    expect(runFaults(step(0))).to.deep.equal(['a step before WORKFLOW_STARTING']);
    expect(runFaults(starting(1), step(1), step(0))).to.deep.equal(['step 0 after step 1']);
    expect(runFaults(starting(1), completed, step(0))).to.include('WORKFLOW_STEP after its end');
  });

  const chatFaults = (...frames: EventFrame[]) => {
    const chat = new ChatCheck();
    return frames.map((each) => chat.arrive(each));
  };
  const message = (seq: number) => frame('CHAT_MESSAGE', 1, { seq });

  it('nothing, when a conversation is told from where it was when they came or joined', async () => {
    const came = frame('SNAPSHOT', 1, { chats: [{ run_id: 'r', last_seq: 4, read_seq: 0 }] });
    expect(chatFaults(came, message(5), message(6))).to.deep.equal([null, null, null]);
    // Number 4 was stored, and still on its way to them.
    expect(chatFaults(came, message(4), message(5))).to.deep.equal([null, null, null]);
    expect(chatFaults(frame('SNAPSHOT', 1), frame('CHAT_JOINED', 2), message(1))).to.deep.equal([null, null, null]);
    const chat = new ChatCheck();
    chat.arrive(came);
    expect(await chat.runId).to.equal('r');
  });

  it('a message that is missing, comes twice, or is overtaken', () => {
    const came = frame('SNAPSHOT', 1, { chats: [{ run_id: 'r', last_seq: 4, read_seq: 0 }] });
    expect(chatFaults(came, message(6))).to.deep.equal([null, 'message 6 after 4']);
    expect(chatFaults(message(1), message(1), message(3), message(2))).to.deep.equal([
      null,
      'message 1 after 1',
      'message 3 after 1',
      'message 2 after 3',
    ]);
  });

  it('refused is only what says when to come back; too late is nobody’s mistake', () => {
    expect([outcomeOf(202, null), outcomeOf(409, null)]).to.deep.equal(['ok', 'ok']);
    expect([outcomeOf(429, '1'), outcomeOf(503, '2')]).to.deep.equal(['refused', 'refused']);
    expect([outcomeOf(503, null), outcomeOf(500, '1'), outcomeOf(404, null)]).to.deep.equal([
      'failed',
      'failed',
      'failed',
    ]);
  });

  it('routes without ids, so that there are few', () => {
    const url = 'http://x/api/v1/runs/01a1fd7f-329b-7a1c-81c1-7680520f6b68/cancel?limit=2';
    expect(routeOf('POST', url)).to.equal('POST /api/v1/runs/:id/cancel');
  });
});
