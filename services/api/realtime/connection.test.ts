import { expect } from 'chai';
import WebSocket from 'ws';
import type { UserEvent } from '../../../redis/event-streams.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import { numberedEvent, numbers } from '../../../tests/support/numbered-events.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { TestSocket } from '../../../tests/support/test-socket.ts';
import { until } from '../../../tests/support/until.ts';
import type { SocketLimits } from './socket-limits.ts';

const output = (text: string): EventFrame => ({
  type: 'WORKFLOW_OUTPUT',
  at: '',
  data: { run_id: '1', workflow_id: '2', workflow_name: 'n', step: 's', text },
});

/** A numbered event of 50 KB. */
function bulky(userId: string, n: number): UserEvent {
  const event = numberedEvent(userId, n);
  return { ...event, data: { ...event.data, message: 'x'.repeat(50_000) } } as UserEvent;
}

describe('Connection', () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.close());

  const gatewayWith = (limits: Partial<SocketLimits>): Promise<RigGateway> => rig.gateway({ limits });
  const dropped = async (gateway: RigGateway): Promise<number> =>
    (await gateway.metrics.realtime.dropped.get()).values[0]?.value ?? 0;

  it('closes a socket that does not read with 4001, while others of the same user are served, and nothing is lost', async () => {
    const gateway = await gatewayWith({ softBufferBytes: 100_000, hardBufferBytes: 300_000 });
    const slow = rig.connect(gateway, 'ann');
    const quick = rig.connect(gateway, 'ann');
    await Promise.all([slow.greeted(), quick.greeted()]);
    slow.socket.pause();
    // The kernel takes some ten megabytes before anything stays in the process.
    const last = 400;
    for (let n = 1; n <= last; n++) await rig.store.events.publish([bulky('ann', n)]);
    await quick.has((frames) => numbers(frames).includes(last), 'the last event');
    expect(numbers(quick.frames)).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1));
    slow.socket.resume();
    expect((await slow.ended(10_000)).code).to.equal(4001);
    const got = numbers(slow.frames);
    expect(got).to.deep.equal(Array.from({ length: got.length }, (_, index) => index + 1));

    const place = slow.stored.at(-1);
    const back = rig.connect(gateway, 'ann', { query: `?epoch=${place?.epoch}&offset=${place?.offset}` });
    await back.has((frames) => numbers(frames).includes(last), 'the rest');
    expect([...got, ...numbers(back.frames)]).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1));
  });

  it('leaves out model output for a socket that is behind, never stored events', async () => {
    const gateway = await gatewayWith({ softBufferBytes: 50_000, hardBufferBytes: 50_000_000 });
    const socket = rig.connect(gateway, 'ben');
    await socket.greeted();
    socket.socket.pause();
    let pieces = 0;
    await until(
      async () => {
        for (let i = 0; i < 20; i++) await rig.store.events.publishLive('ben', output('y'.repeat(50_000)));
        pieces += 20;
        await rig.store.events.publish([numberedEvent('ben', pieces / 20)]);
        return (await dropped(gateway)) > 30;
      },
      { timeoutMs: 15_000, what: 'output to be left out' },
    );
    socket.socket.resume();
    const last = pieces / 20;
    await socket.has((frames) => numbers(frames).includes(last), 'the last event');
    expect(numbers(socket.frames)).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1));
    expect(socket.ofType('WORKFLOW_OUTPUT').length).to.equal(pieces - (await dropped(gateway)));
    expect(socket.closed).to.equal(undefined);
  });

  it('replays a long history at the pace of the client, however little it may buffer', async () => {
    const gateway = await gatewayWith({ softBufferBytes: 10_000, hardBufferBytes: 100_000 });
    const first = rig.connect(gateway, 'cid');
    const { epoch } = await first.greeted();
    await first.close();
    for (let n = 1; n <= 200; n++) {
      await rig.store.events.publish([bulky('cid', n)]);
    }
    const back = rig.connect(gateway, 'cid', { query: `?epoch=${epoch}&offset=0` });
    back.socket.once('open', () => back.socket.pause());
    await until(() => gateway.realtime.sockets === 1, { timeoutMs: 5_000, what: 'the socket' });
    await rig.store.events.publish([numberedEvent('cid', 201)]);
    back.socket.resume();
    await back.has((frames) => numbers(frames).includes(201), 'the last event');
    expect(numbers(back.frames)).to.deep.equal(Array.from({ length: 201 }, (_, index) => index + 1));
  });

  it('sends HEARTBEAT only to a socket that heard nothing for the interval', async () => {
    const gateway = await gatewayWith({ heartbeatMs: 1_000, sweepMs: 20 });
    const [quiet, busy] = [rig.connect(gateway, 'quiet'), rig.connect(gateway, 'busy')];
    await Promise.all([quiet.greeted(), busy.greeted()]);
    let n = 0;
    await until(
      async () => {
        await rig.store.events.publish([numberedEvent('busy', ++n)]);
        return quiet.ofType('HEARTBEAT').length === 2;
      },
      { timeoutMs: 10_000, what: 'two heartbeats' },
    );
    expect(busy.ofType('HEARTBEAT')).to.have.length(0);
  });

  it('closes a socket that shows no sign of life with 4002, and keeps one that answers pings', async () => {
    const gateway = await gatewayWith({ pingMs: 50, deadAfterMs: 2_000, sweepMs: 20 });
    const alive = rig.connect(gateway, 'alive');
    const dead = rig.connect(gateway, 'dead', { client: { autoPong: false } });
    await Promise.all([alive.greeted(), dead.greeted()]);
    expect((await dead.ended(10_000)).code).to.equal(4002);
    expect(alive.closed).to.equal(undefined);
  });

  it('closes a socket with 4003 when its token ends', async () => {
    const gateway = await gatewayWith({ sweepMs: 20 });
    const headers = { Authorization: `Bearer ${rig.token('brief', { exp: Math.floor(Date.now() / 1_000) + 3 })}` };
    const socket = new TestSocket(new WebSocket(`${gateway.baseUrl.replace('http', 'ws')}/ws`, { headers }));
    await socket.greeted();
    expect(await socket.ended(10_000)).to.deep.equal({ code: 4003, reason: 'token expired' });
  });

  it('reads a flood of client frames no faster than its budget, and answers all of it', async () => {
    const gateway = await gatewayWith({ framesPerSweep: 10, sweepMs: 50 });
    const socket = rig.connect(gateway, 'flood');
    await socket.greeted();
    // 525 KB, of which the process takes one read of 64 KB per sweep.
    const flood = 25_000;
    const started = performance.now();
    for (let i = 0; i < flood; i++) socket.socket.send('{"type":"PING"}');
    await until(() => socket.ofType('PONG').length === flood, { timeoutMs: 15_000, what: 'all pongs' });
    expect(performance.now() - started).to.be.greaterThan(300);
  });

  it('says goodbye to every socket when the replica stops: SERVER_DRAINING, then 4000', async () => {
    const gateway = await gatewayWith({});
    const sockets = Array.from({ length: 30 }, (_, n) => rig.connect(gateway, `guest-${n}`));
    await Promise.all(sockets.map((socket) => socket.greeted()));
    const mute = rig.connect(gateway, 'mute');
    await mute.greeted();
    mute.socket.pause();
    expect(await rig.usersCounted()).to.be.greaterThan(30);
    await gateway.realtime.stop();
    expect(gateway.realtime.sockets).to.equal(0);
    for (const socket of sockets) {
      expect(await socket.ended()).to.deep.equal({ code: 4000, reason: 'server draining' });
      expect(socket.frames.at(-1)?.type).to.equal('SERVER_DRAINING');
    }
    await until(async () => (await rig.usersCounted()) < 30, { timeoutMs: 5_000, what: 'the places to be free' });
    await gateway.realtime.stop();
  });
});
