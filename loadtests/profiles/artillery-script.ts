import type { Profile } from './profile.ts';

type Phase = { name: string; pause: number } | { name: string; duration: number; arrivalCount: number };

export interface ArtilleryScript {
  config: { target: string; engines: { weir: object }; phases: Phase[] };
  scenarios: Array<{ engine: 'weir'; flow: [] }>;
}

/** What artillery is told: who arrives when. Everything else is the users' own affair (loadtests/users). */
export function artilleryScript(profile: Profile, target: string): ArtilleryScript {
  const phases: Phase[] = [];
  let now = 0;
  profile.waves.forEach((wave, index) => {
    if (wave.at > now) phases.push({ name: `before wave ${index + 1}`, pause: wave.at - now });
    phases.push({ name: `wave ${index + 1}`, duration: wave.arriveOver, arrivalCount: wave.users });
    now = wave.at + wave.arriveOver;
  });
  return { config: { target, engines: { weir: {} }, phases }, scenarios: [{ engine: 'weir', flow: [] }] };
}
