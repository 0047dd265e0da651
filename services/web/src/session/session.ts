import { computed, signal } from '@preact/signals';
import { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import { Live } from '../live/live.ts';

/** Who is signed in, read from the token; only the server's own check of it counts. */
export interface Identity {
  userId: string;
  role: 'user' | 'admin';
  /** Unix ms; null: the token names none. */
  expiresAt: number | null;
}

export interface Session extends Identity {
  api: ApiClient;
  live: Live;
}

/** Of this tab: a token outlives a reload, not the tab. */
const STORAGE_KEY = 'weir.token';

const current = signal<Session | null>(null);
/** null: nobody is signed in. */
export const session = computed(() => current.value);

/** Why the last session ended, for the sign-in page; null: by the user, or there was none. */
export const endedBecause = signal<string | null>(null);

/** Takes up the token that came with the address (`#token=…`, removed at once so that no history keeps it) or that this tab had. */
export function resumeSession(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const offered = fragment.get('token') ?? fragment.get('access_token');
  if (offered !== null) history.replaceState(null, '', location.pathname + location.search);
  const token = offered ?? sessionStorage.getItem(STORAGE_KEY);
  if (token !== null) endedBecause.value = signIn(token);
}

/** Answers why the token cannot be used; null: signed in. */
export function signIn(text: string): string | null {
  const token = text.trim();
  const identity = identityOf(token);
  if (identity === null) return 'This is not an access token (three parts of letters and digits with dots between).';
  if (identity.expiresAt !== null && identity.expiresAt <= Date.now())
    return 'This token has expired. Please get a new one.';
  sessionStorage.setItem(STORAGE_KEY, token);
  const api = new ApiClient({ baseUrl: location.origin, token: () => token });
  const live = new Live(api).start();
  live.state.subscribe((state) => {
    if (state.kind !== 'stopped' || state.reason.kind === 'asked') return;
    const reason = state.reason.kind === 'closed' ? state.reason.reason : state.reason.problem?.detail;
    void signOut(reason ?? 'The server does not accept this token.');
  });
  endedBecause.value = null;
  current.value = { ...identity, api, live };
  return null;
}

/** `because`: a sentence for the sign-in page. */
export async function signOut(because: string | null = null): Promise<void> {
  const ending = current.value;
  sessionStorage.removeItem(STORAGE_KEY);
  endedBecause.value = because;
  current.value = null;
  await ending?.live.stop();
}

/** Reads the claims of a JWT without checking it. */
function identityOf(token: string): Identity | null {
  const payload = token.split('.')[1];
  if (payload === undefined || token.split('.').length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { sub, role, exp } = claims as { sub?: unknown; role?: unknown; exp?: unknown };
    if (typeof sub !== 'string') return null;
    return {
      userId: sub,
      role: role === 'admin' ? 'admin' : 'user',
      expiresAt: typeof exp === 'number' ? exp * 1_000 : null,
    };
  } catch {
    return null;
  }
}
