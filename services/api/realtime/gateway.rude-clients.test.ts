import { connect } from 'node:net';
import { expect } from 'chai';
import WebSocket from 'ws';
import { rawAnswer } from '../../../tests/support/nginx/raw-answer.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { TestSocket } from '../../../tests/support/test-socket.ts';
import { until } from '../../../tests/support/until.ts';

describe('Gateway and clients that do not behave', () => {
  let rig: Rig;
  let gateway: RigGateway;
  before(async () => {
    rig = await startRig();
    gateway = await rig.gateway();
  });
  after(() => rig.close());

  it('keeps no place for a handshake that fails after the login, or whose client has gone', async () => {
    const head = `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${rig.token('ghost')}\r\n`;
    expect((await rawAnswer(gateway.baseUrl, `${head}\r\n`))?.status).to.equal(400);
    expect(
      (await rawAnswer(gateway.baseUrl, `${head}Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`))?.status,
    ).to.equal(400);
    const quitters = Array.from({ length: 20 }, () => {
      const socket = connect(Number(new URL(gateway.baseUrl).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`${head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
      setImmediate(() => socket.resetAndDestroy());
      return new Promise((resolve) => socket.on('close', resolve));
    });
    await Promise.all(quitters);
    await until(async () => (await rig.usersCounted()) === 0, { timeoutMs: 5_000, what: 'nobody to be counted' });
    await until(() => gateway.realtime.sockets === 0, { timeoutMs: 5_000, what: 'no sockets' });
  });

  it('survives a client that breaks the connection while it is being let in', async () => {
    let askedFor = '';
    let goOn = (): void => {};
    const asked = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow = await rig.gateway({
      between: (store) => ({
        ...store,
        users: Object.assign(Object.create(store.users), {
          join: async (replica: string, users: readonly string[]) => {
            askedFor = users.join();
            await asked;
            return store.users.join(replica, users);
          },
        }),
      }),
    });
    const socket = connect(Number(new URL(slow.baseUrl).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${rig.token('hasty')}\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await until(() => askedFor === 'hasty', { timeoutMs: 5_000, what: 'the login' });
    socket.resetAndDestroy();
    // A whole other exchange with the same process: the reset has arrived by then.
    await new TestSocket(new WebSocket(`${slow.baseUrl.replace('http', 'ws')}/ws`)).refusal();
    goOn();
    await until(async () => (await rig.usersCounted()) === 0, { timeoutMs: 5_000, what: 'nobody to be counted' });
    expect(slow.realtime.sockets).to.equal(0);
  });

  it('survives frames it cannot accept, and closes only the socket that sent them', async () => {
    const bystander = rig.connect(gateway, 'calm');
    await bystander.greeted();
    const bad: Array<[(socket: WebSocket) => void, number]> = [
      [(socket) => socket.send('x'.repeat(70_000)), 1009],
      [(socket) => socket.send(Buffer.alloc(70_000)), 1009],
      [(socket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
      [
        (socket) =>
          (socket as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from([0xff, 0xff])),
        1002,
      ],
      [(socket) => socket.send('{'), 4500],
      [(socket) => socket.send('null'), 4500],
      [(socket) => socket.send('{"type":"NOPE"}'), 4500],
      [(socket) => socket.send('{"type":"PING","more":1}'), 4500],
      [(socket) => socket.send(Buffer.from('{"type":"PING"}')), 4500],
    ];
    for (const [act, code] of bad) {
      const socket = rig.connect(gateway, 'rude');
      await socket.greeted();
      act(socket.socket);
      expect((await socket.ended()).code).to.equal(code);
    }
    bystander.socket.send('{"type":"PING"}');
    await bystander.has((frames) => frames.some(({ type }) => type === 'PONG'), 'the pong');
    await bystander.close();
  });
});
