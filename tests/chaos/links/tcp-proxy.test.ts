import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { freePort } from '../../../services/local/servers/free-port.ts';
import { until } from '../../support/until.ts';
import { type Passing, TcpProxy } from './tcp-proxy.ts';

/** Answers everything with itself. */
async function echo(): Promise<{ server: Server; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

/** A client that keeps what it hears. */
async function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  const client = { socket, heard: '', lost: null as string | null, ended: false };
  socket.on('data', (bytes) => {
    client.heard += bytes.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    client.lost = error.code ?? error.message;
  });
  socket.on('end', () => {
    client.ended = true;
  });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  return client;
}

const within = { timeoutMs: 5_000 };

describe('the proxy between two parts', () => {
  let far: Awaited<ReturnType<typeof echo>>;
  let proxy: TcpProxy;
  const clients: Socket[] = [];
  const client = async (at = proxy) => {
    const dialled = await dial(at.port);
    clients.push(dialled.socket);
    return dialled;
  };

  beforeEach(async () => {
    far = await echo();
    proxy = await TcpProxy.open(far.port);
  });

  afterEach(async () => {
    for (const socket of clients.splice(0)) socket.destroy();
    await proxy.close();
    for (const socket of far.sockets) socket.destroy();
    far.server.close();
  });

  it('carries what is sent, both ways, and the orderly end', async () => {
    const near = await client();
    const text = 'x'.repeat(3_000_000);
    near.socket.end(text);
    await until(() => near.ended, { ...within, what: 'the end' });
    expect(near.heard === text).to.equal(true);
    expect(near.lost).to.equal(null);
  });

  it('delays in slow weather and never changes the order', async () => {
    proxy.set({ kind: 'slow', ms: 60 });
    const near = await client();
    const since = performance.now();
    for (let n = 0; n < 50; n++) near.socket.write(`${n},`);
    const whole = Array.from({ length: 50 }, (_, n) => `${n},`).join('');
    await until(() => near.heard.length === whole.length, { ...within, what: 'the echo' });
    expect(near.heard).to.equal(whole);
    expect(performance.now() - since).to.be.greaterThan(60);
  });

  it('holds everything while cut, also the end of the other side, and delivers it when mended', async () => {
    const near = await client();
    near.socket.write('before,');
    await until(() => near.heard === 'before,', { ...within, what: 'the first echo' });
    proxy.set({ kind: 'cut' });
    near.socket.write('meanwhile');
    const late = await client();
    late.socket.write('hello');
    for (const socket of far.sockets) socket.end('bye,');
    // A third one, in the same weather, that is not cut: when its echo is here, the cut ones would have had theirs.
    const other = await TcpProxy.open(far.port);
    const witness = await client(other);
    witness.socket.write('witness');
    await until(() => witness.heard === 'witness', { ...within, what: 'the echo of the witness' });
    expect([near.heard, near.ended, late.heard]).to.deep.equal(['before,', false, '']);
    proxy.set({ kind: 'clear' });
    await until(() => near.heard.startsWith('before,bye,') && near.ended && late.heard === 'hello', {
      ...within,
      what: 'what was held',
    });
    await other.close();
  });

  it('resets what is open and refuses what comes, until mended', async () => {
    const near = await client();
    near.socket.write('x');
    await until(() => near.heard === 'x', { ...within, what: 'the echo' });
    proxy.set({ kind: 'refused' });
    await until(() => near.lost === 'ECONNRESET', { ...within, what: 'the reset' });
    const refused = await client();
    await until(() => refused.lost !== null || refused.socket.destroyed, { ...within, what: 'the refusal' });
    proxy.set({ kind: 'clear' });
    const again = await client();
    again.socket.write('x');
    await until(() => again.heard === 'x', { ...within, what: 'the echo' });
  });

  it('loses no byte in lossy weather but with the connection, and breaks some connections within a piece', async () => {
    // Almost never lost, so that it does not take long; often broken.
    const random = [0.5, 0.001, 0.5, 0.9];
    let drawn = 0;
    const lossy = await TcpProxy.open(far.port, () => random[drawn++ % random.length] ?? 0.5);
    lossy.set({ kind: 'lossy' });
    const near = await client(lossy);
    near.socket.write('0123456789');
    await until(() => near.lost !== null, { ...within, what: 'the break' });
    await lossy.close();

    const halving = await TcpProxy.open(far.port, () => 0.1);
    halving.set({ kind: 'lossy' });
    const halved = await client(halving);
    for (let n = 0; n < 100; n++) halved.socket.write(`${n},`);
    const whole = Array.from({ length: 100 }, (_, n) => `${n},`).join('');
    await until(() => halved.heard.length >= whole.length, { ...within, what: 'the echo' });
    expect(halved.heard).to.equal(whole);
    await halving.close();
  });

  it('shows what passes, and swallows what the watcher says', async () => {
    const seen: Passing[] = [];
    const unwatch = proxy.watch((passing) => {
      seen.push(passing);
      return passing.direction === 'asked';
    });
    const near = await client();
    near.socket.write('ask');
    await until(() => seen.length === 2, { ...within, what: 'the answer' });
    expect(seen.map(({ direction, bytes }) => `${direction} ${bytes}`)).to.deep.equal(['asked ask', 'answered ask']);
    unwatch();
    near.socket.write('again');
    await until(() => near.heard === 'again', { ...within, what: 'the next answer' });
  });

  it('resets the caller when nobody listens behind it', async () => {
    const nobody = await TcpProxy.open(await freePort());
    const near = await client(nobody);
    await until(() => near.lost === 'ECONNRESET', { ...within, what: 'the reset' });
    await nobody.close();
  });
});
