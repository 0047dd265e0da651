import { SimulatedProviders } from '../providers/simulated-providers.ts';
import { Chatter } from './chatter.ts';
import { frozenReplica, lockedPostgres, providerFaults, slowAnswer, withoutPostgres, withoutRedis } from './faults.ts';
import { endings, fullQueue, incident, usersConnect, wrongRequests } from './load.ts';
import type { Scene } from './scene.ts';

/** All that a dashboard can show, once or twice each. Every part ends when Prometheus has seen it. */
export async function everythingHappens(scene: Scene): Promise<void> {
  const providers = new SimulatedProviders(scene.stage.cluster.simulator.url);
  for (const name of ['primary', 'backup'] as const)
    await providers.set(name, { first_token_ms: 50, tokens_per_second: 0 });
  await scene.scraped();
  const chatter = await Chatter.join(scene, 'chatter');
  await talk(scene, chatter);
  await Promise.all([throughAllLevels(scene, chatter), work(scene)]);
  await chatter.leave();
  await providerFaults(scene);
  await lockedPostgres(scene);
  await frozenReplica(scene);
  await withoutPostgres(scene);
  await withoutRedis(scene, chatter);
  await scene.scraped();
  // What is shown as of now, at the moment that is looked at: while replicas and rules find Redis again, it comes and goes.
  for (const what of ['users', 'slots', 'queue', 'queue_wait'])
    await scene.seen(`cluster:weir_${what}:saturation`, (value) => value >= 0);
}

/** Comforts and messages, of which some come to nothing. */
async function talk(scene: Scene, chatter: Chatter): Promise<void> {
  const stranger = '01890000-0000-7000-8000-000000000000';
  chatter.type();
  chatter.type(stranger);
  await chatter.say();
  await chatter.say(stranger);
  await scene.seen('sum(weir_comforts_total{outcome="not_open"})', (value) => value > 0);
}

async function work(scene: Scene): Promise<void> {
  await incident(scene);
  await slowAnswer(scene);
  for (let round = 0; round < 2; round++) {
    await wrongRequests(scene);
    await endings(scene);
    await scene.scraped();
  }
  await fullQueue(scene);
}

/** With ten users at most: 8 of them are elevated, 9 degraded, 10 saturated. The chatter is the first. */
async function throughAllLevels(scene: Scene, chatter: Chatter): Promise<void> {
  for (const [before, users, level] of [
    [1, 8, 1],
    [8, 9, 2],
    [9, 10, 3],
  ] as const) {
    await usersConnect(scene, before, users);
    await scene.seen('cluster:weir_capacity_level:max', (value) => value >= level);
  }
  await scene.seen('max(weir_feature_enabled{feature="typing"})', (value) => value === 0);
  chatter.type();
  await scene.seen('sum(weir_comforts_total{outcome="off"})', (value) => value > 0);
}
