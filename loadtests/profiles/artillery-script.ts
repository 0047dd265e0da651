import type { Profile } from './profile.ts';

type Phase = { name: string; pause: number } | { name: string; duration: number; arrivalCount: number };

export interface ArtilleryScript {
  config: { target: string; engines: { weir: object }; phases: Phase[] };
  scenarios: Array<{ engine: 'weir'; flow: [] }>;
}

/**
 * What each of `players` processes of artillery is told: who arrives when. Everything else is the users' own affair (loadtests/users). They are
 * told apart here because artillery itself gives all arrivals of a counted phase to the first of its threads.
 */
export function artilleryScripts(profile: Profile, target: string, players: number): ArtilleryScript[] {
  return Array.from({ length: players }, (_, player) => artilleryScript(profile, target, { player, players }));
}

function artilleryScript(
  profile: Profile,
  target: string,
  { player, players }: { player: number; players: number },
): ArtilleryScript {
  const phases: Phase[] = [];
  let now = 0;
  profile.waves.forEach((wave, index) => {
    if (wave.at > now) phases.push({ name: `before wave ${index + 1}`, pause: wave.at - now });
    const name = `wave ${index + 1}`;
    const arrivalCount = Math.floor((wave.users + players - 1 - player) / players);
    phases.push(
      arrivalCount === 0 ? { name, pause: wave.arriveOver } : { name, duration: wave.arriveOver, arrivalCount },
    );
    now = wave.at + wave.arriveOver;
  });
  return { config: { target, engines: { weir: {} }, phases }, scenarios: [{ engine: 'weir', flow: [] }] };
}
