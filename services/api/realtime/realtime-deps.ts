import type { ChatMessages } from '../../../db/repositories/chat-messages.ts';
import type { ChatParticipants } from '../../../db/repositories/chat-participants.ts';
import type { RunReading } from '../../../db/repositories/runs-reading.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { CapacityView } from '../admission/capacity-view.ts';
import type { QueuePlaces } from '../admission/queue-places.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { SendMessage } from '../chat/send-message.ts';
import type { FeatureWatch } from '../features/feature-watch.ts';
import type { SocketLimits } from './socket-limits.ts';

/** What the live events of a replica are made with. */
export interface RealtimeDeps {
  replica: string;
  authenticator: Pick<Authenticator, 'authenticateHeader'>;
  redis: Pick<RedisStore, 'users' | 'queue' | 'events' | 'channels' | 'tickets' | 'comforts'>;
  runs: Pick<RunReading, 'active'>;
  places: Pick<QueuePlaces, 'of'>;
  view: Pick<CapacityView, 'curve'>;
  /** Name of the model provider in use; null or left out: not known. */
  activeProvider?: () => string | null;
  features: Pick<FeatureWatch, 'isOn' | 'current' | 'disabled' | 'onChange' | 'settle'>;
  chat: {
    sendMessage: Pick<SendMessage, 'send'>;
    messages: Pick<ChatMessages, 'lastSeq'>;
    participants: Pick<ChatParticipants, 'list' | 'markRead' | 'chatsOf'>;
  };
  metrics: Pick<Metrics, 'realtime' | 'http' | 'chat'>;
  log: Logger;
  limits?: Partial<SocketLimits>;
}
