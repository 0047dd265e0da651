import { expect } from 'chai';
import fc from 'fast-check';
import { rawAnswer } from '../support/nginx/raw-answer.ts';
import { brokenHttp } from './fuzz/broken-http.ts';
import { hostileRequest, type Sender } from './fuzz/hostile-request.ts';
import { faultsOf } from './fuzz/judge.ts';
import { type Operation, operationAsked, readOperations } from './fuzz/operations.ts';
import { ANSWER_WITHIN_MS, type Cast, send } from './fuzz/send.ts';
import { HostileStage } from './hostile-stage.ts';
import { hostileOptions } from './options.ts';

const { seed, cases } = hostileOptions(process.env);

/** HTTP/0.9 has no head, and nobody is a tunnel. */
const MAY_BE_SILENT = new Set(['CONNECT', 'no version']);

/** On a machine that is busy a case takes tens of milliseconds; then the search for the smallest failing one. */
const CASE_MS = 100;
const REST_MS = 120_000;

/**
 * Requests of every kind to every route of docs/openapi.json. What failed is printed as the smallest request that fails; the
 * same again: `make hostile SEED=…`. A long run: `CASES=50000`.
 */
describe(`hostile requests (SEED=${seed} CASES=${cases})`, function () {
  this.timeout(cases * CASE_MS + REST_MS);
  const { operations, resolve } = readOperations();
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

  /** Sends `runs` requests to `targets`, in turn to the replica itself and through Nginx. */
  async function attack(targets: Operation[], senders: Sender[], runs: number, salt = 0): Promise<void> {
    const requests = fc.oneof(
      ...targets.map((operation) => ({
        // There is more to say to those that listen.
        weight: operation.body === null ? 1 : 5,
        arbitrary: hostileRequest(operation, resolve, senders),
      })),
    );
    let n = 0;
    const property = fc.asyncProperty(requests, async (request) => {
      const url = n++ % 3 === 2 ? stage.nginxUrl : stage.victim.replica.url;
      const cast: Cast = stage.cast();
      const answer = await send(url, request, cast);
      if (answer === null) throw new Error('the connection was closed without an answer');
      const { method, operation } = request;
      const faults = faultsOf(answer, method, operationAsked(operations, operation, method));
      if (faults.length > 0) throw new Error(`${answer.status}: ${faults.join('; ')}`);
    });
    await fc.assert(property, { seed: seed + salt, numRuns: runs });
  }

  it('of users and strangers are answered in an orderly way, harm nobody else, and leave nothing behind', async () => {
    const senders: Sender[] = [...Array<Sender>(7).fill('member'), 'stranger', 'nobody', 'forged', 'garbage'];
    // What is filled once and kept (code, caches, pools) is filled by the first.
    await attack(operations, senders, Math.ceil(cases / 4), 1);
    const [heap, descriptors] = [await stage.victim.heap(), await stage.victim.descriptors()];
    const bystander = stage.bystander();
    await attack(operations, senders, cases);
    await bystander.leave();
    expect(bystander.failures).to.deep.equal([]);
    expect(bystander.runs).to.be.at.least(2);
    await stage.expectAtRest({ heap, descriptors });
  });

  it('of an administrator likewise; what they switched can be switched back', async () => {
    const targets = operations.filter(({ access }) => access === 'admin');
    await attack(targets, ['admin'], Math.ceil(cases / 4), 2);
    await stage.switchBack();
    await stage.oneRun();
  });

  it('that are no HTTP, or just about, are answered with a problem or with silence', async () => {
    const { authorization } = stage.cast();
    const faults = await Promise.all(
      [stage.victim.replica.url, stage.nginxUrl].flatMap((url) =>
        brokenHttp(authorization.member).map(async ({ what, bytes, cut }) => {
          const place = `${what}, ${url === stage.nginxUrl ? 'through Nginx' : 'directly'}`;
          const answer = await rawAnswer(url, bytes, { cut, withinMs: ANSWER_WITHIN_MS }).catch(String);
          if (typeof answer === 'string') return [`${place}: ${answer}`];
          if (answer === null) return cut || MAY_BE_SILENT.has(what) ? [] : [`${place}: closed without a word`];
          // Whatever it asked for in vain, it is a socket.
          if (answer.status === 101) return [];
          return faultsOf(answer, 'RAW', null).map((fault) => `${place}: ${answer.status}, ${fault}`);
        }),
      ),
    );
    expect(faults.flat()).to.deep.equal([]);
    await stage.oneRun();
  });
});
