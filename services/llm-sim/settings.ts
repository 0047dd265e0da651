import { z } from 'zod';
import type { Speed } from './exchange.ts';
import { MODE_NAMES, type ModeName } from './modes.ts';

export interface SimulatorSettings extends Speed {
  mode: ModeName;
}

/** About as fast as a small hosted model. */
export const DEFAULT_SETTINGS: SimulatorSettings = {
  mode: 'ok',
  first_token_ms: 200,
  tokens_per_second: 50,
  tokens: 60,
};

/** Body of `PUT /control` and value of the header `X-LLM-Sim`: only what is named changes. */
export const settingsPatchSchema = z
  .strictObject({
    mode: z.enum(MODE_NAMES),
    first_token_ms: z.number().min(0).max(600_000),
    tokens_per_second: z.number().min(0).max(1_000_000),
    tokens: z.int().min(1).max(100_000),
  })
  .partial();

export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** `settings` with what `patch` names. */
export function applyPatch(settings: SimulatorSettings, patch: SettingsPatch): SimulatorSettings {
  const named = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(named) };
}
