import { expect } from 'chai';
import { MESSAGE_BURST } from '../../../../redis/message-rate.ts';
import { MAX_MESSAGE_LENGTH } from '../../../../shared/protocol/chat-limits.ts';
import { messageAnswerSchema, messagePageSchema } from '../../../../shared/protocol/http.ts';
import { ChatStage } from '../../../../tests/support/api/chat-stage.ts';
import { metricValue } from '../../../../tests/support/metric-value.ts';

describe('messages beside a run', () => {
  let stage: ChatStage;
  beforeEach(async () => {
    stage = await ChatStage.open();
  });
  afterEach(() => stage.close());

  const page = async (query = '') => (await stage.ask('bob', 'GET', `/messages${query}`)).body;
  const numbers = (body: { items: Array<{ seq: number }> }) => body.items.map(({ seq }) => seq);

  it('are stored when they are answered, and are in the stream of everybody who takes part, the sender too', async () => {
    const { status, body } = await stage.say('ann', 'Hello "Bob" ö 🎈', 'first');
    expect(status).to.equal(201);
    expect(messageAnswerSchema.parse(body)).to.deep.include({
      run_id: stage.runId,
      seq: 1,
      sender: 'ann',
      client_message_id: 'first',
      text: 'Hello "Bob" ö 🎈',
    });
    expect(messagePageSchema.parse(await page())).to.deep.equal({ items: [body], next_cursor: null, last_seq: 1 });
    for (const person of ['ann', 'bob']) {
      await stage.delivered(person, 1);
      const [frame] = (await stage.stream(person)).filter(({ type }) => type === 'CHAT_MESSAGE');
      expect(frame).to.deep.include({ type: 'CHAT_MESSAGE', data: body });
      expect(frame?.offset).to.be.greaterThan(0);
    }
    expect(await stage.stream('eve')).to.deep.equal([]);
  });

  it('sent again by the same name are the same message: one number, one delivery, the first answer; another text is refused', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => stage.say('bob', 'once', 'same')));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 200, 200, 201]);
    for (const { body } of answers) expect(body).to.deep.equal(answers[0]?.body);
    expect((await stage.say('bob', 'something else', 'same')).body).to.include({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect((await stage.say('ann', 'mine', 'same')).body.seq, 'names are the sender’s own').to.equal(2);
    expect(await stage.delivered('ann', 2)).to.deep.equal([1, 2]);
    expect(numbers(await page())).to.deep.equal([2, 1]);
  });

  it('have one order, which every stream has, whoever sends through whichever replica', async () => {
    await stage.invite('ann', 'cleo');
    const people = ['ann', 'bob', 'cleo'] as const;
    const sent = await Promise.all(
      Array.from({ length: 45 }, (_, n) => stage.say(people[n % 3] ?? 'ann', `message ${n}`)),
    );
    expect(sent.every(({ status }) => status === 201)).to.equal(true);
    const upTo45 = Array.from({ length: 45 }, (_, n) => n + 1);
    expect(sent.map(({ body }) => body.seq).sort((a, b) => a - b)).to.deep.equal(upTo45);
    for (const person of people) expect(await stage.delivered(person, 45)).to.deep.equal(upTo45);
  });

  it('go on after the end of the run', async () => {
    await stage.ask('ann', 'POST', '/cancel');
    expect((await stage.say('bob', 'what a pity')).status).to.equal(201);
    expect(await stage.delivered('ann', 1)).to.deep.equal([1]);
  });

  it('are read in pages that miss and repeat nothing while others arrive; from a number on to fill a hole', async () => {
    for (let n = 1; n <= 7; n++) await stage.say(n % 2 === 0 ? 'ann' : 'bob', `message ${n}`);
    const first = await page('?limit=3');
    await stage.say('ann', 'message 8');
    const second = await page(`?limit=3&cursor=${first.next_cursor}`);
    const third = await page(`?limit=3&cursor=${second.next_cursor}`);
    expect([first, second, third].flatMap(numbers)).to.deep.equal([7, 6, 5, 4, 3, 2, 1]);
    expect([first.last_seq, second.last_seq, third.next_cursor]).to.deep.equal([7, 8, null]);
    const after = await page('?after=5&limit=2');
    expect([numbers(after), after.last_seq, after.next_cursor]).to.deep.equal([[6, 7], 8, null]);
    expect(numbers(await page('?after=8'))).to.deep.equal([]);
    expect((await page('?cursor=nonsense')).code).to.equal('invalid_cursor');
    expect((await page('?after=1&cursor=x')).code).to.equal('validation_failed');
  });

  it('have a bound, a name and something to say', async () => {
    const refused = async (text: string, name?: string) => (await stage.say('ann', text, name)).body;
    expect((await stage.say('ann', 'x'.repeat(MAX_MESSAGE_LENGTH))).status).to.equal(201);
    expect((await refused('x'.repeat(MAX_MESSAGE_LENGTH + 1))).errors[0].path).to.equal('text');
    expect((await refused(' \n ')).errors).to.deep.equal([{ path: 'text', message: 'Say something.' }]);
    expect((await refused('x', 'with space')).errors[0].path).to.equal('client_message_id');
    expect((await stage.ask('ann', 'POST', '/messages', { text: 'x' })).status).to.equal(400);
    expect((await page()).last_seq).to.equal(1);
  });

  it('come 20 at once, then 2 a second, per sender over all replicas; a refusal says when, and takes nothing', async () => {
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: MESSAGE_BURST + 5 }, (_, n) => stage.say('ann', `${n}`)));
    const refused = answers.filter(({ status }) => status === 429);
    // One more is due every half second that the answers took.
    const due = Math.floor((performance.now() - begun) / 500);
    expect(refused.length).to.be.within(Math.max(0, 5 - due), 5);
    for (const { body, headers } of refused) {
      expect(body.code).to.equal('too_many_messages');
      expect(body.retry_after_seconds).to.be.within(0.01, 0.6);
      expect(Number(headers['retry-after'])).to.equal(1);
    }
    expect((await stage.say('bob', 'I am calm')).status).to.equal(201);
    expect((await page()).last_seq).to.equal(MESSAGE_BURST + 5 - refused.length + 1);
    const counted = async (outcome: string) =>
      (await metricValue(stage.one.metrics.chat.messages, { outcome })) +
      (await metricValue(stage.two.metrics.chat.messages, { outcome }));
    expect(await counted('refused')).to.equal(refused.length);
    expect(await counted('stored')).to.equal(MESSAGE_BURST + 5 - refused.length + 1);
  });

  it('make a list of chats: the latest joined first, with what is new there', async () => {
    const second = await stage.start('ann');
    await stage.invite('ann', 'bob', second);
    await stage.say('ann', 'in the first');
    const { body } = await stage.call('bob', 'GET', '/api/v1/chats?limit=1');
    expect(body.items).to.have.length(1);
    expect(body.items[0]).to.deep.include({ run_id: second, owner: 'ann', people: 2, last_seq: 0, status: 'queued' });
    const next = (await stage.call('bob', 'GET', `/api/v1/chats?limit=1&cursor=${body.next_cursor}`)).body;
    expect(next.items[0]).to.deep.include({ run_id: stage.runId, last_seq: 1, read_seq: 0, workflow_name: 'two naps' });
    expect(next.next_cursor).to.equal(null);
    expect((await stage.call('eve', 'GET', '/api/v1/chats')).body.items).to.deep.equal([]);
  });
});
