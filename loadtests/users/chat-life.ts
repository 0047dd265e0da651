import { deferred } from './deferred.ts';
import { shrug, think } from './habits.ts';
import type { User } from './user.ts';

const MEAN_TYPING_MS = 1_500;
/** What was sent before is heard within this after leaving (ms). */
const LAST_WORDS_MS = 1_000;

/** Two people talk beside a run: one starts it and invites the other; each hears every message once, in one order. */
export async function chatLife(user: User): Promise<void> {
  const { who, reporter, connection } = user;
  const joined = deferred<string>();
  let heard = 0;
  connection.on('CHAT_JOINED', ({ data }) => joined.resolve(data.run_id));
  connection.on('CHAT_MESSAGE', ({ data }) => {
    if (data.seq !== heard + 1) reporter.fault('out_of_order', `${who.userId}: message ${data.seq} after ${heard}`);
    heard = data.seq;
    if (data.sender !== who.userId) reporter.span('message', Date.now() - Number(data.text) - who.region.rttMs / 2);
    connection.send({ type: 'READ', data: { run_id: data.run_id, seq: data.seq } });
  });
  if (who.invites) {
    const run = await user.start(who.workflows.quick, false);
    void user.end(run, who.graceMs);
    await user.api.chats.invite(run.runId, who.partnerId);
    joined.resolve(run.runId);
  }
  const runId = await Promise.race([joined.promise, leaving(user)]);
  if (runId === null) return;
  connection.send({ type: 'CHAT_OPEN', data: { run_id: runId } });
  while (await think(user, MEAN_TYPING_MS)) {
    connection.send({ type: 'TYPING', data: { run_id: runId, typing: true } });
    const message = { client_message_id: crypto.randomUUID(), text: String(Date.now()) };
    await shrug(user.api.chats.send(runId, message));
  }
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
}

function leaving(user: User): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, user.who.leaveAt - Date.now()), null));
}
