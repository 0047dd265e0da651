import { expect } from 'chai';
import fc from 'fast-check';
import { CLOSE_CODES } from '../../shared/protocol/close-codes.ts';
import { hostileFrames, textFrame } from './fuzz/frames.ts';
import { RawSocket } from './fuzz/raw-socket.ts';
import { withIds } from './fuzz/send.ts';
import { HostileStage } from './hostile-stage.ts';
import { hostileOptions } from './options.ts';

const { seed, cases } = hostileOptions(process.env);
const SOCKETS = Math.ceil(cases / 10);
const CASE_MS = 200;
const REST_MS = 120_000;
/** Ends that a client may be told: what it did (RFC 6455, 7.4.1), or a code of ours. 1005: it had closed without one. */
const MAY_END_WITH = new Set([
  1000,
  1002,
  1005,
  1006,
  1007,
  1009,
  ...Object.values(CLOSE_CODES).map(({ code }) => code),
]);

describe(`hostile sockets (SEED=${seed} CASES=${cases})`, function () {
  this.timeout(cases * CASE_MS + REST_MS);
  let stage: HostileStage;

  before(async () => {
    stage = await HostileStage.open();
  });
  after(async () => {
    await stage?.close();
  });
  afterEach(async () => {
    expect(await stage.victim.faults()).to.deep.equal([]);
  });

  /** Opens `count` sockets, one after the other, and sends over each what it should not. */
  async function attack(count: number, salt = 0): Promise<void> {
    const cast = stage.cast();
    let n = 0;
    const property = fc.asyncProperty(
      hostileFrames((text) => withIds(text, cast)),
      async ({ bytes, cut }) => {
        const url = n++ % 3 === 2 ? stage.nginxUrl : stage.victim.replica.url;
        const socket = await RawSocket.open(url, cast.authorization.member);
        socket.write(bytes);
        if (!cut && !(await socket.isAlive(textFrame('{"type":"PING"}'))))
          expect([...MAY_END_WITH], 'the close code').to.include(socket.closed);
        socket.leave();
      },
    );
    await fc.assert(property, { seed: seed + salt, numRuns: count });
  }

  it('are answered or closed with a code that says why, harm nobody else, and leave nothing behind', async () => {
    await attack(Math.ceil(SOCKETS / 4), 1);
    const [heap, descriptors] = [await stage.victim.heap(), await stage.victim.descriptors()];
    const bystander = stage.bystander();
    await attack(SOCKETS);
    await bystander.leave();
    expect(bystander.failures).to.deep.equal([]);
    expect(bystander.runs).to.be.at.least(2);
    await stage.expectAtRest({ heap, descriptors });
  });
});
