import { expect } from 'chai';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { openSocket } from '../support/nginx/open-socket.ts';
import { breaksOff, silent, type Upstream, upstream, withSockets } from '../support/nginx/upstream.ts';
import { until } from '../support/until.ts';

/** Silence of a replica that counts as a failure here; 4 s otherwise. */
const ANSWER_TIMEOUT = '1s';
/** Promised: a replica that fails is out within this time (ms). */
const OUT_WITHIN_MS = 10_000;

describe('Nginx when replicas fail', function () {
  this.timeout(40_000);
  let rig: NginxRig | undefined;

  async function start(...replicas: Upstream[]): Promise<string> {
    rig = await NginxRig.start(replicas, { WEIR_NGINX_ANSWER_TIMEOUT: ANSWER_TIMEOUT });
    return rig.url;
  }
  const trigger = (url: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/trigger`, { method: 'POST', body, headers });
  const many = <T>(count: number, work: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, n) => work(n)));

  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  for (const [how, answer] of [
    ['breaks off', breaksOff],
    ['is silent', silent],
  ] as const) {
    it(`repeats what is safe on another replica when one ${how}, until that one is out; nobody sees an error`, async () => {
      const [sick, well] = [await upstream(answer), await upstream()];
      const url = await start(sick, well);
      const startedAt = performance.now();
      const methods = ['GET', 'PUT', 'DELETE', 'HEAD'];
      const answers = await many(40, (n) => fetch(`${url}/api/v1/runs`, { method: methods[n % 4] as string }));
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
      expect(sick.requests.length, 'requests that met it').to.be.within(1, 39);
      // Out: nobody is sent there any more.
      const met = sick.requests.length;
      await many(40, () => fetch(`${url}/api/v1/runs`));
      expect(sick.requests.length).to.equal(met);
      expect(performance.now() - startedAt).to.be.lessThan(OUT_WITHIN_MS);
    });

    it(`never repeats a start without a key when a replica ${how}, and says that it may have happened`, async () => {
      const [sick, other] = [await upstream(answer), await upstream(answer)];
      const url = await start(sick, other);
      const answers = await many(6, async (n) => {
        const response = await trigger(url, `start ${n}`);
        return { status: response.status, problem: (await response.json()) as Record<string, unknown> };
      });
      for (const { status, problem } of answers) {
        expect(status).to.equal(503);
        expect(problem).to.include({ code: 'outcome_unknown', status: 503, retry_after_seconds: 5 });
      }
      const bodies = [...sick.bodies, ...other.bodies].sort();
      expect(bodies).to.deep.equal(answers.map((_, n) => `start ${n}`));
    });

    it(`repeats a start with a key, body and all, when a replica ${how}`, async () => {
      const [sick, well] = [await upstream(answer), await upstream()];
      const url = await start(sick, well);
      const answers = await many(6, (n) => trigger(url, `start ${n}`, { 'Idempotency-Key': `key-${n}` }));
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
      expect(sick.bodies, 'some met the sick one first').not.to.deep.equal([]);
      expect([...well.bodies].sort()).to.deep.equal(answers.map((_, n) => `start ${n}`));
      expect(well.requests.map(({ headers }) => headers['idempotency-key']).sort()).to.deep.equal(
        answers.map((_, n) => `key-${n}`),
      );
    });
  }

  it('does not forget, when the last replica it asked was not there, that a start with a key may have happened at another', async () => {
    const [sick, gone] = [await upstream(silent), await upstream()];
    const url = await start(sick, gone);
    gone.close();
    const answers = await many(4, async (n) => (await trigger(url, 'start', { 'Idempotency-Key': `key-${n}` })).json());
    for (const problem of answers) expect(problem).to.include({ code: 'outcome_unknown', status: 503 });
  });

  it('asks to try again when nobody answered what may be done twice', async () => {
    const url = await start(await upstream(silent), await upstream(breaksOff));
    const answer = await fetch(`${url}/api/v1/runs/1`, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '2']);
    expect(await answer.json()).to.include({ code: 'no_replica', status: 503, retry_after_seconds: 2 });
  });

  it('repeats no request with a key where the API does not keep its answer', async () => {
    const [sick, other] = [await upstream(breaksOff), await upstream(breaksOff)];
    const url = await start(sick, other);
    const headers = { 'Idempotency-Key': 'key' };
    const answer = await fetch(`${url}/api/v1/workflows`, { method: 'POST', body: 'new', headers });
    expect([answer.status, sick.bodies.length + other.bodies.length]).to.deep.equal([503, 1]);
  });

  it('sends a start to another replica when one refuses the connection: it has not been sent yet', async () => {
    const [gone, well] = [await upstream(), await upstream()];
    const url = await start(gone, well);
    gone.close();
    const answers = await many(20, (n) => trigger(url, `start ${n}`));
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
    expect([...well.bodies].sort()).to.deep.equal(answers.map((_, n) => `start ${n}`).sort());
  });

  it('asks a replica again when it is back', async () => {
    const [lost, well] = [await upstream(), await upstream()];
    const url = await start(lost, well);
    lost.close();
    await many(20, () => fetch(url));
    expect(lost.requests).to.have.length(0);
    await lost.reopen();
    const statuses = new Set<number>();
    const back = async () => {
      statuses.add((await fetch(url)).status);
      return lost.requests.length > 0;
    };
    await until(back, { timeoutMs: 8_000, what: 'the replica that is back to be asked' });
    expect([...statuses]).to.deep.equal([200]);
  });

  it('asks somebody all the same when every replica is out', async () => {
    const slow = await upstream(silent);
    const other = await upstream(silent);
    const url = await start(slow, other);
    await many(8, () => fetch(url));
    slow.answer = (_request, response) => void response.end('late');
    other.answer = slow.answer;
    const answers = await many(10, (n) => (n % 2 === 0 ? fetch(url) : trigger(url, `start ${n}`)));
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
    expect([...slow.bodies, ...other.bodies]).to.have.length(5);
  });

  it('opens sockets elsewhere when the replica they would come to is frozen, and there again when it is well', async () => {
    const [first, second] = [withSockets(await upstream(), 'first'), withSockets(await upstream(), 'second')];
    const url = await start(first, second);
    const socket = await openSocket(url);
    socket.end();
    const [home, other] = socket.headers['x-replica'] === 'first' ? [first, second] : [second, first];
    home.answer = silent;
    const away = await openSocket(url);
    away.end();
    expect([away.status, away.headers['x-replica']]).to.deep.equal([101, other === first ? 'first' : 'second']);
    home.answer = (_request, response) => void response.end();
    const isHome = async () => {
      const again = await openSocket(url);
      again.end();
      expect(again.status).to.equal(101);
      return again.headers['x-replica'] === socket.headers['x-replica'];
    };
    await until(isHome, { timeoutMs: 8_000, what: 'sockets to come home' });
  });

  it('opens a socket also when every replica is out', async () => {
    const replica = withSockets(await upstream(), 'first');
    const other = withSockets(await upstream(), 'second');
    const url = await start(replica, other);
    replica.close();
    other.close();
    expect((await openSocket(url)).status).to.equal(503);
    await replica.reopen();
    await other.reopen();
    const socket = await openSocket(url);
    socket.end();
    expect(socket.status).to.equal(101);
  });

  it('says when to come back if nobody is there at all, to requests and sockets alike', async () => {
    const replica = await upstream();
    const url = await start(replica);
    replica.close();
    const plain = await trigger(url, 'start');
    const socket = await openSocket(url);
    for (const { status, retryAfter, problem } of [
      { status: plain.status, retryAfter: plain.headers.get('retry-after'), problem: await plain.json() },
      { status: socket.status, retryAfter: socket.headers['retry-after'], problem: JSON.parse(socket.body) },
    ]) {
      expect([status, retryAfter]).to.deep.equal([503, '2']);
      expect(problem).to.include({ code: 'no_replica', status: 503, retry_after_seconds: 2 });
    }
  });
});
