import { EXIT_CODES } from '../exit-code.ts';
import { renderStatus } from '../render/status.ts';
import type { Command } from './command.ts';

/** The public status page, for terminals. */
export const status: Command = async (session) => {
  const server = await session.server();
  const answer = await server.publicApi().status();
  session.console.answer(answer, () => renderStatus(answer, server.url, session.console.style, session.now()));
  return answer.status === 'Down' ? EXIT_CODES.unavailable : EXIT_CODES.ok;
};
