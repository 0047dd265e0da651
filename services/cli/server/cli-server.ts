import type { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import type { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';

/** In whose name a request is made; a token of the user's own is what it is. */
export type TokenRole = 'user' | 'admin';

/** The cluster that commands talk to. */
export interface CliServer {
  readonly url: string;
  /** The user of the token; null: there is none, or it does not say. */
  userId(): Promise<string | null>;
  /** Its calls reject with `UsageError` when there is no token. */
  api(role: TokenRole): ApiClient;
  /** For what needs no token; one is sent where there is one. */
  publicApi(): ApiClient;
  /** A live connection, begun; whoever asks for it stops it. */
  live(role: TokenRole): LiveConnection;
}
