import { expect } from 'chai';
import WebSocket from 'ws';
import { bearerEndpoint } from '../../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import { hasNumber, numbers, publishNumbers } from '../../../tests/support/numbered-events.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { until } from '../../../tests/support/until.ts';
import { upTo } from '../../../tests/support/up-to.ts';

describe('recovery of a user stream', () => {
  let rig: Rig;
  let here: RigGateway;
  let there: RigGateway;

  before(async () => {
    rig = await startRig();
    [here, there] = [await rig.gateway(), await rig.gateway()];
  });
  after(() => rig.close());

  const publish = (userId: string, from: number, to: number) => publishNumbers(rig.store, userId, from, to);

  it('resumes on another replica after any number of events: nothing missed, nothing twice', async () => {
    const events = 12;
    for (let k = 0; k <= events; k++) {
      const userId = rig.newUser();
      const first = rig.connect(here, userId);
      await first.greeted();
      await publish(userId, 1, k);
      if (k > 0) await hasNumber(first, k);
      first.socket.terminate();
      const missed = publish(userId, k + 1, events);
      const second = rig.connect(there, userId, { query: first.place });
      await Promise.all([missed, second.greeted()]);
      await publish(userId, events + 1, events + 1);
      await hasNumber(second, events + 1);
      expect(second.frames[0]?.type, `after ${k}`).to.equal('RESUMED');
      expect([...numbers(first.frames), ...numbers(second.frames)]).to.deep.equal(upTo(events + 1));
    }
  });

  it('of another user cannot be had by knowing where they stand', async () => {
    const [ann, eve] = [rig.newUser(), rig.newUser()];
    const hers = rig.connect(here, ann);
    await hers.greeted();
    await publish(ann, 1, 3);
    await hasNumber(hers, 3);
    for (const query of [hers.place, hers.place.replace(/\d+$/, '0')]) {
      const stolen = rig.connect(there, eve, { query });
      await stolen.greeted();
      expect(stolen.frames[0]?.type).to.equal('SNAPSHOT');
      expect(stolen.frames[0]?.data).to.deep.include({ user_id: eve, runs: [] });
      await publish(ann, 4, 4);
      await publish(eve, 1, 1);
      await stolen.has((frames) => numbers(frames).length > 0, 'her own event');
      expect(numbers(stolen.frames), 'only her own').to.deep.equal([1]);
      stolen.socket.terminate();
    }
  });

  it('says how many frames it replays, and sends them first', async () => {
    const userId = rig.newUser();
    const first = rig.connect(here, userId);
    await first.greeted();
    await first.close();
    await publish(userId, 1, 250);
    const second = rig.connect(there, userId, { query: first.place });
    await hasNumber(second, 250);
    const [resumed] = second.ofType('RESUMED');
    expect(resumed?.data).to.deep.include({ recovered: true, replica: 'r2', replayed: 250 });
    expect(resumed?.offset).to.equal(0);
    expect(numbers(second.frames.slice(1, 251))).to.deep.equal(upTo(250));
  });

  it('joins history and live events without gap or repeat, whenever they are published around the connect', async () => {
    const rounds = 25;
    await Promise.all(
      upTo(rounds).map(async (round) => {
        const userId = rig.newUser();
        // The stream exists before, so that every event counts.
        const before = rig.connect(here, userId);
        await before.greeted();
        const publishing = (async () => {
          for (const n of upTo(40)) {
            await publish(userId, n, n);
            for (let turn = 0; turn < (n * round) % 7; turn++) await new Promise(setImmediate);
          }
        })();
        const sockets = upTo(4).map((n) => rig.connect(n % 2 ? here : there, userId, { query: before.place }));
        await publishing;
        for (const socket of [before, ...sockets]) {
          await hasNumber(socket, 40);
          const offsets = socket.stored.map(({ offset }) => offset ?? 0);
          const start = socket.frames[0]?.offset ?? -1;
          expect(offsets).to.deep.equal(upTo(40).filter((n) => n > start));
        }
      }),
    );
  });

  it('gives a fresh socket everything after its snapshot, even if published while the snapshot is made', async () => {
    await Promise.all(
      upTo(20).map(async () => {
        const userId = rig.newUser();
        await rig.store.events.open(userId);
        const publishing = publish(userId, 1, 30);
        const socket = rig.connect(here, userId);
        const snapshot = await socket.greeted();
        await publishing;
        const start = snapshot.offset ?? Number.NaN;
        await until(() => start === 30 || numbers(socket.frames).includes(30), { timeoutMs: 5_000, what: 'event 30' });
        expect(numbers(socket.frames)).to.deep.equal(upTo(30).filter((n) => n > start));
      }),
    );
  });

  const moments = [
    ['a resumed socket', 'subscribeUser'],
    ['a resumed socket', 'open'],
    ['a resumed socket', 'history'],
    ['a fresh socket', 'subscribeUser'],
    ['a fresh socket', 'open'],
  ] as const;
  for (const [who, step] of moments) {
    it(`gives ${who} an event that falls right after ${step}, even if none follows it`, async () => {
      const userId = rig.newUser();
      const { epoch } = await rig.store.events.open(userId);
      await publish(userId, 1, 1);
      let due = true;
      /** `call`, and an event right after it, before anybody sees its answer. */
      const andEvent = <Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) => {
        return async (...args: Args): Promise<Result> => {
          const answer = await call(...args);
          if (name === step && due) {
            due = false;
            await publish(userId, 2, 2);
          }
          return answer;
        };
      };
      const gateway = await rig.gateway({
        between: ({ events, channels, users, queue, tickets, comforts }) => ({
          users,
          queue,
          tickets,
          comforts,
          events: Object.assign(Object.create(events), {
            open: andEvent('open', events.open.bind(events)),
            history: andEvent('history', events.history.bind(events)),
          }),
          channels: Object.assign(Object.create(channels), {
            subscribeUser: andEvent('subscribeUser', channels.subscribeUser.bind(channels)),
          }),
        }),
      });
      const query = who === 'a resumed socket' ? `?epoch=${epoch}&offset=0` : '';
      const socket = rig.connect(gateway, userId, { query });
      const start = (await socket.greeted()).offset ?? 0;
      await until(() => start + numbers(socket.frames).length === 2, { timeoutMs: 5_000, what: 'the event' });
      expect(numbers(socket.frames)).to.deep.equal(upTo(2).filter((n) => n > start));
      expect(due).to.equal(false);
    });
  }

  it('keeps a live connection complete over replicas that stop one after the other', async () => {
    const userId = rig.newUser();
    const gateways = [await rig.gateway(), await rig.gateway(), await rig.gateway()];
    let at = 0;
    const live = new LiveConnection({
      endpoint: (signal) => bearerEndpoint(gateways[at % 3]?.baseUrl ?? '', () => rig.token(userId))(signal),
      WebSocket,
      delayMs: () => 1,
    });
    const seen: number[] = [];
    live.on('WORKFLOW_CANCELLED', (frame) => seen.push(Number(frame.data.run_id)));
    live.start();
    await until(() => live.state.kind === 'live', { timeoutMs: 5_000, what: 'the connection' });
    let next = 1;
    for (const gateway of gateways.slice(0, 2)) {
      await publish(userId, next, next + 19);
      at += 1;
      await Promise.all([gateway.stop(), publish(userId, next + 20, next + 39)]);
      next += 40;
    }
    await publish(userId, next, next);
    await until(() => seen.includes(next), { timeoutMs: 5_000, what: 'the last event' });
    expect(seen).to.deep.equal(upTo(next));
    await live.stop();
  });
});
