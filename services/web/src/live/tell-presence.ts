import type { Live } from './live.ts';

/** Tells the server whether anybody looks at this page: on each change, on each new socket, and when presence is back. The function returned ends that. */
export function tellPresence(live: Live): () => void {
  const tell = () => {
    if (live.state.value.kind !== 'live' || live.disabled.value.includes('presence')) return;
    live.send({ type: 'PRESENCE', data: { status: document.hidden ? 'away' : 'online' } });
  };
  document.addEventListener('visibilitychange', tell);
  const ends = [live.state.subscribe(tell), live.disabled.subscribe(tell)];
  return () => {
    document.removeEventListener('visibilitychange', tell);
    for (const end of ends) end();
  };
}
