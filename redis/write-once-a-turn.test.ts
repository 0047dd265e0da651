import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import { RedisConnections } from './client.ts';

describe('commands of one turn of the event loop', () => {
  let server: PrivateRedis;
  let connections: RedisConnections;

  before(async () => {
    server = await startRedis();
    connections = new RedisConnections(server.url, recordedLog());
    await connections.ready();
  });
  after(async () => {
    await connections.close();
    await server.stop();
  });

  /** Bytes that have left the process when the turn's commands are given, and when they are answered. */
  const sentBy = async (turn: () => Promise<unknown>[]) => {
    const { stream } = connections.command;
    const before = stream.bytesWritten - stream.writableLength;
    const answers = turn();
    const during = stream.bytesWritten - stream.writableLength;
    await Promise.all(answers);
    return { during: during - before, after: stream.bytesWritten - stream.writableLength - before };
  };

  it('leave together at its end, and are answered in their order', async () => {
    const { command } = connections;
    const order: number[] = [];
    const turn = () => Array.from({ length: 50 }, async () => order.push(await command.incr('counter')));
    const { during, after } = await sentBy(turn);
    expect(during).to.equal(0);
    expect(after).to.be.greaterThan(50 * 20);
    expect(order).to.deep.equal(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('do so on the next connection as well', async () => {
    await server.kill();
    await server.start();
    await until(() => connections.up, { timeoutMs: 5_000, what: 'the connection to be back' });
    const { during } = await sentBy(() => [connections.command.ping(), connections.command.ping()]);
    expect(during).to.equal(0);
  });
});
