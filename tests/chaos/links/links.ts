import { type BreakListener, TcpProxy, type Watcher } from './tcp-proxy.ts';
import { CLEAR, type Weather } from './weather.ts';

/** What the workers call, which all of them find at one address. */
export const JOURNAL = 'journal';
/** Stands for whoever calls it. */
export const WORKERS = 'workers';

/** Every connection between parts of one cluster goes through a proxy of its own, made when the part asks where the other one is. */
export class Links {
  private readonly proxies = new Map<string, { from: string; to: string; proxy: Promise<TcpProxy> }>();

  /** For `startCluster`. */
  readonly portSeenBy = async (from: string, to: string, port: number): Promise<number> => {
    const name = `${from} → ${to}:${port}`;
    const known = this.proxies.get(name) ?? { from, to, proxy: TcpProxy.open(port) };
    this.proxies.set(name, known);
    return (await known.proxy).port;
  };

  /** Of all connections from one part to the other; rejects when there is no such way. */
  async set(from: string, to: string, weather: Weather): Promise<void> {
    for (const proxy of await this.between(from, to)) proxy.set(weather);
  }

  mend(from: string, to: string): Promise<void> {
    return this.set(from, to, CLEAR);
  }

  /** Until the function it resolves to is called. */
  async watch(from: string, to: string, watcher: Watcher): Promise<() => void> {
    const ends = (await this.between(from, to)).map((proxy) => proxy.watch(watcher));
    return () => {
      for (const end of ends) end();
    };
  }

  async onBreak(from: string, to: string, listener: BreakListener): Promise<void> {
    for (const proxy of await this.between(from, to)) proxy.onBreak(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map(async ({ proxy }) => (await proxy).close()));
  }

  private between(from: string, to: string): Promise<TcpProxy[]> {
    const found = [...this.proxies.values()].filter((link) => link.from === from && link.to === to);
    if (found.length === 0) throw new Error(`Nothing goes from ${from} to ${to}.`);
    return Promise.all(found.map(({ proxy }) => proxy));
  }
}
