import { z } from 'zod';
import { MODE_NAMES, type ModeName } from './modes/modes.ts';

/** How a provider answers. */
export interface SimulatorSettings {
  mode: ModeName;
  /** Milliseconds until the first token. */
  first_token_ms: number;
  /** 0: as fast as the socket takes them. */
  tokens_per_second: number;
  /** Length of the answer; `max_tokens` of the request may cut it. */
  tokens: number;
  /** Of mode `slow`: until the first token. */
  slow_ms: number;
  /** Of the modes that stall: how long, and how often a keep-alive comes meanwhile. */
  stall_ms: number;
  keep_alive_ms: number;
  /** Of mode `rate_limited_once`: its Retry-After. */
  retry_after_seconds: number;
  /** Of mode `outage`: how long after it was set. */
  outage_ms: number;
}

/** About as fast as a small hosted model. */
export const DEFAULT_SETTINGS: SimulatorSettings = {
  mode: 'ok',
  first_token_ms: 200,
  tokens_per_second: 50,
  tokens: 60,
  slow_ms: 20_000,
  stall_ms: 30_000,
  keep_alive_ms: 1_000,
  retry_after_seconds: 1,
  outage_ms: 60_000,
};

/** Body of `PUT /control` and value of the header `X-LLM-Sim`: only what is named changes. */
export const settingsPatchSchema = z
  .strictObject({
    mode: z.enum(MODE_NAMES),
    first_token_ms: z.number().min(0).max(600_000),
    tokens_per_second: z.number().min(0).max(1_000_000),
    tokens: z.int().min(1).max(100_000),
    slow_ms: z.number().min(0).max(600_000),
    stall_ms: z.number().min(0).max(600_000),
    keep_alive_ms: z.number().min(1).max(600_000),
    retry_after_seconds: z.int().min(0).max(3_600),
    outage_ms: z.number().min(0).max(3_600_000),
  })
  .partial();

export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** `settings` with what `patch` names. */
export function applyPatch(settings: SimulatorSettings, patch: SettingsPatch): SimulatorSettings {
  const named = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(named) };
}
