import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { ChatAccess } from './chat-access.ts';
import { Delivery } from './delivery.ts';
import { Participation } from './participation.ts';
import { SendMessage } from './send-message.ts';

export interface ChatDeps {
  redis: Pick<RedisStore, 'events' | 'channels' | 'messageRate'>;
  database: Pick<Database, 'messages' | 'participants'>;
  metrics: Pick<Metrics, 'chat'>;
  log: Logger;
}

/** The use cases of chats beside runs. */
export interface Chat {
  access: ChatAccess;
  participation: Participation;
  sendMessage: SendMessage;
  delivery: Delivery;
}

export function createChat({ redis, database, metrics, log }: ChatDeps): Chat {
  const { events, channels, messageRate: rate } = redis;
  const { messages, participants } = database;
  const access = new ChatAccess(participants);
  const delivery = new Delivery({ messages, events, channels, metrics, log });
  return {
    access,
    participation: new Participation({ access, participants, events, log }),
    sendMessage: new SendMessage({ access, messages, rate, delivery, metrics }),
    delivery,
  };
}
