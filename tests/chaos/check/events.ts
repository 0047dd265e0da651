import type { Evidence, SocketStory } from '../evidence/evidence.ts';
import { toldEnd } from './ends.ts';
import type { Violation } from './violation.ts';

interface Place {
  epoch: string;
  offset: number;
}

const GREETINGS = ['SNAPSHOT', 'RESUMED'];
/** Of the socket and not of a stream: it is alive though what the greeting is read from is away, or its server is about to end. */
const BEFORE_GREETING = ['HEARTBEAT', 'SERVER_DRAINING'];

/** Each socket follows its stream, all sockets of a user saw the same stream, and no end of a run is told twice or kept from its owner. */
export function checkEvents(evidence: Evidence): Violation[] {
  const { sockets } = evidence;
  const faults = [...sockets.flatMap(brokenSequences), ...contradictions(sockets), ...endsTold(evidence)];
  return faults.map((about) => ({ promise: 'events', about }));
}

/** From frame to frame of one socket; the first one after RESUMED must be the one after what the client had. */
function brokenSequences({ user, asked, frames }: SocketStory): string[] {
  const found: string[] = [];
  let place: Place | null = asked;
  let greeted = false;
  for (const [index, { at, frame }] of frames.entries()) {
    const { type, epoch, offset } = frame;
    const where = `socket of ${user}, frame ${index + 1} (${type}) at ${at}`;
    greeted ||= GREETINGS.includes(type);
    if (!greeted && !BEFORE_GREETING.includes(type)) found.push(`${where}: came before any greeting`);
    if (type === 'RESUMED' && (asked === null || epoch !== asked.epoch || offset !== asked.offset))
      found.push(`${where}: resumed at ${epoch}/${offset}, asked for ${asked?.epoch}/${asked?.offset}`);
    // Heartbeats and the like, and a snapshot that says that events come late, leave the client where it is.
    if (epoch === undefined || offset === undefined) continue;
    if (type !== 'SNAPSHOT' && type !== 'RESUMED') {
      if (place === null || epoch !== place.epoch)
        found.push(`${where}: of stream ${epoch}, expected ${place?.epoch ?? 'none'}`);
      else if (offset !== place.offset + 1) found.push(`${where}: number ${offset} after ${place.offset}`);
    }
    place = { epoch, offset };
  }
  return found;
}

/** Until the next snapshot, one place of one stream holds one event, whichever replica tells it. */
function contradictions(sockets: readonly SocketStory[]): string[] {
  const seen = new Map<string, Map<string, string>>();
  const found: string[] = [];
  const all = sockets.flatMap(({ user, frames }) => frames.map((each) => ({ user, ...each })));
  for (const { user, frame } of all.sort((a, b) => a.at - b.at)) {
    const { type, epoch, offset, data } = frame;
    if (offset === undefined || type === 'RESUMED') continue;
    const places = type === 'SNAPSHOT' ? new Map<string, string>() : (seen.get(user) ?? new Map<string, string>());
    seen.set(user, places);
    if (type === 'SNAPSHOT') continue;
    const place = `${epoch}/${offset}`;
    const text = `${type} ${JSON.stringify(data)}`;
    const before = places.get(place) ?? text;
    if (before !== text) found.push(`${user} was told ${place} as ${before} and as ${text}`);
    places.set(place, before);
  }
  return found;
}

/** An end is one event of a stream; a client that was there to the last has heard of it, or got a snapshot afterwards. */
function endsTold({ runs, sockets }: Evidence): string[] {
  const found: string[] = [];
  /** By user and run: the places at which its end was told. */
  const told = new Map<string, Set<string>>();
  const lastSnapshot = new Map<string, number>();
  const present = new Set<string>();
  for (const { user, frames, closedAt } of sockets) {
    if (closedAt === null && frames.length > 0) present.add(user);
    for (const { at, frame } of frames) {
      if (frame.type === 'SNAPSHOT') lastSnapshot.set(user, Math.max(at, lastSnapshot.get(user) ?? 0));
      const end = toldEnd(frame);
      if (end === null) continue;
      const places = told.get(end.runId) ?? new Set<string>();
      for (const place of places) {
        const [epoch, offset] = place.split('/');
        if (epoch === frame.epoch && offset !== String(frame.offset))
          found.push(
            `the end of run ${end.runId} stands twice in the stream of ${user}: ${offset} and ${frame.offset}`,
          );
      }
      told.set(end.runId, places.add(`${frame.epoch}/${frame.offset}`));
    }
  }
  for (const { id, user, finishedAt } of runs) {
    if (!present.has(user) || finishedAt === null || told.has(id)) continue;
    if ((lastSnapshot.get(user) ?? 0) < finishedAt)
      found.push(`${user} never heard of the end of run ${id} at ${finishedAt}`);
  }
  return found;
}
