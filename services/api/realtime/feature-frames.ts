import type { FeatureState } from '../../../redis/results.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { Comfort } from '../../../shared/workflow/capacity-level.ts';
import { ownFrame, type WireFrame } from './wire-frame.ts';

/** What somebody who knows that `told` are off has to hear when `features` are as they are: what is back, then all that is off if more is. */
export function featureFrames(told: readonly Comfort[], features: readonly FeatureState[]): WireFrame[] {
  const off = features.filter(({ enabled }) => !enabled);
  const disabled = off.map(({ feature }) => feature);
  const back = told.filter((comfort) => !disabled.includes(comfort)).reverse();
  const frames: WireFrame[] = [];
  if (back.length > 0) {
    const message = disabled.length === 0 ? TEXTS.degradedCleared : TEXTS.degradedPartly;
    frames.push(ownFrame('DEGRADED_MODE_CLEARED', { message, enabled: back }));
  }
  if (disabled.some((comfort) => !told.includes(comfort))) {
    const message = off.some(({ forced }) => forced === null) ? TEXTS.degraded : TEXTS.degradedForced;
    frames.push(ownFrame('DEGRADED_MODE_ACTIVE', { message, disabled }));
  }
  return frames;
}
