import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { OneWay } from './one-way.ts';
import { CLEAR, type Weather } from './weather.ts';

/** A piece that passes, as it left its sender. */
export interface Passing {
  /** Number of the connection, from 1. */
  connection: number;
  /** `asked`: from the one who dialled; `answered`: from the one who listens. */
  direction: 'asked' | 'answered';
  bytes: Buffer;
}

/** Sees what passes; false: this piece and everything after it is swallowed. */
export type Watcher = (passing: Passing) => boolean;

/** Hears of each connection that the weather breaks, by the port from which the listening part sees it come. */
export type BreakListener = (port: number) => void;

/**
 * Stands between a part and the port of another one on this machine, and gives their connections the weather it is told. In clear
 * weather it is only in the way: some tenths of a ms.
 */
export class TcpProxy {
  private weather: Weather = CLEAR;
  private readonly server = createServer({ allowHalfOpen: true }, (socket) => void this.accept(socket));
  private readonly sockets = new Set<Socket>();
  private readonly watchers = new Set<Watcher>();
  private readonly breakListeners: BreakListener[] = [];
  private waiting: Array<() => void> = [];
  private accepted = 0;

  private constructor(
    private readonly targetPort: number,
    private readonly random: () => number,
  ) {}

  static async open(targetPort: number, random = Math.random): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort, random);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Holds for what is open and what will be opened. */
  set(weather: Weather): void {
    this.weather = weather;
    if (weather.kind === 'refused') this.resetAll();
    if (weather.kind === 'cut') return;
    for (const goOn of this.waiting.splice(0)) goOn();
  }

  /** Until the function it returns is called. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  onBreak(listener: BreakListener): void {
    this.breakListeners.push(listener);
  }

  async close(): Promise<void> {
    this.set(CLEAR);
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private resetAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private async accept(client: Socket): Promise<void> {
    this.keep(client);
    if (this.weather.kind === 'refused') return void client.resetAndDestroy();
    if (this.weather.kind === 'cut') await this.untilMended();
    if (client.destroyed) return;
    const server = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.keep(server);
    const connection = ++this.accepted;
    const broken = () => {
      const { localPort } = server;
      if (localPort !== undefined) for (const listener of this.breakListeners) listener(localPort);
    };
    const way = (from: Socket, to: Socket, direction: Passing['direction']) =>
      new OneWay(from, to, {
        weather: () => this.weather,
        untilMended: () => this.untilMended(),
        random: this.random,
        watch: (bytes) => [...this.watchers].every((watcher) => watcher({ connection, direction, bytes })),
        broken,
      });
    way(client, server, 'asked');
    way(server, client, 'answered');
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    // What it means follows with 'close'.
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }

  private async untilMended(): Promise<void> {
    while (this.weather.kind === 'cut') await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
