import pg from 'pg';
import { CONNECT_TIMEOUT_MS, type PrimarySearch } from './primary-search.ts';

/** A class of connections that go to whichever server takes writes when they are made; the pool makes its own from it. */
export function primaryClient(search: PrimarySearch): new (config?: pg.ClientConfig) => pg.Client {
  return class PrimaryClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
      // The pool listens only while a client is idle. One that breaks in use rejects its query; unheard, it would also end the process.
      this.on('error', () => {});
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error | null, client: pg.Client) => void): void;
    override connect(callback?: (error: Error | null, client: pg.Client) => void): Promise<pg.Client> | undefined {
      const connected = this.connectToPrimary();
      if (callback === undefined) return connected;
      connected.then(
        () => callback(null, this),
        (error: Error) => callback(error, this),
      );
      return undefined;
    }

    private async connectToPrimary(): Promise<pg.Client> {
      try {
        const { host, port } = await search.find();
        Object.assign(this, { host, port });
        await super.connect();
        if (search.mustTakeWrites) await this.refuseReadOnly();
        return this;
      } catch (error) {
        search.doubt();
        throw error;
      }
    }

    /** Between the search and now it may have become a standby. */
    private async refuseReadOnly(): Promise<void> {
      const { rows } = await this.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
      if (rows[0]?.transaction_read_only === 'off') return;
      void this.end();
      throw new Error(`The database server ${this.host}:${this.port} takes no writes.`);
    }
  };
}
