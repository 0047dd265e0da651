import { shrug, think } from './habits.ts';
import type { User } from './user.ts';

const MEAN_TYPING_MS = 1_500;
/** What was sent before is heard within this after leaving (ms). */
const LAST_WORDS_MS = 1_000;

/** Two people talk beside a run: one starts it and invites the other; each hears every message once, in one order. */
export async function chatLife(user: User): Promise<void> {
  const { who, reporter, connection } = user;
  connection.on('CHAT_MESSAGE', ({ data }) => {
    if (data.sender !== who.userId) reporter.span('message', Date.now() - Number(data.text) - who.region.rttMs / 2);
    connection.send({ type: 'READ', data: { run_id: data.run_id, seq: data.seq } });
  });
  const begun = who.invites ? begin(user) : user.chat.runId;
  const runId = await Promise.race([begun, leaving(user)]);
  if (runId === null) return;
  connection.send({ type: 'CHAT_OPEN', data: { run_id: runId } });
  while (await think(user, MEAN_TYPING_MS)) {
    connection.send({ type: 'TYPING', data: { run_id: runId, typing: true } });
    const message = { client_message_id: crypto.randomUUID(), text: String(Date.now()) };
    await shrug(user.api.chats.send(runId, message));
  }
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
}

async function begin(user: User): Promise<string> {
  const run = await user.start(user.who.workflows.quick, false);
  void user.end(run, user.who.graceMs);
  await user.api.chats.invite(run.runId, user.who.partnerId);
  return run.runId;
}

function leaving(user: User): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, user.who.leaveAt - Date.now()), null));
}
