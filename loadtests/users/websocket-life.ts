import { oneOf, shrug, think } from './habits.ts';
import type { User } from './user.ts';

const MEAN_SILENCE_MS = 5_000;

/** Is there, and says little: a PING now and then, seldom a run, seldom a lost network. */
export async function websocketLife(user: User): Promise<void> {
  let pingedAt: number | null = null;
  user.connection.on('PONG', () => {
    if (pingedAt !== null) user.reporter.span('pong', Date.now() - pingedAt - user.who.region.rttMs);
    pingedAt = null;
  });
  const ping = async () => {
    if (pingedAt === null && user.connection.send({ type: 'PING' })) pingedAt = Date.now();
  };
  const breakSocket = async () => {
    pingedAt = null;
    user.breakSocket();
  };
  const run = async () => {
    const started = await user.start(user.who.workflows.quick, false);
    await user.end(started, user.who.graceMs);
  };
  while (await think(user, MEAN_SILENCE_MS)) {
    const action = oneOf([
      [90, ping],
      [8, run],
      [2, breakSocket],
    ]);
    await shrug(action());
  }
}
