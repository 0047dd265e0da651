import { EXIT_CODES } from '../exit-code.ts';
import { renderQueue } from '../render/queue.ts';
import type { Command } from './command.ts';
import { pageOptions } from './page-options.ts';

/** Places in the queue. */
export const queue: Command = async (session, _, options) => {
  const everybody = options.flag('all');
  const page = pageOptions(options);
  const server = await session.server();
  const answer = await server.api(everybody ? 'admin' : 'user').queue(page);
  session.console.answer(answer, () => renderQueue(answer, session.console.style, session.now(), everybody));
  return EXIT_CODES.ok;
};
