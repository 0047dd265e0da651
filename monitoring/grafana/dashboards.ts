import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { business } from './business.ts';
import { capacity } from './capacity.ts';
import { errors } from './errors.ts';
import { sla } from './sla.ts';
import { systemHealth } from './system-health.ts';

/** All of them; a file dashboards/<uid>.json is generated from each. */
export const DASHBOARDS: readonly Dashboard[] = [business, sla, systemHealth, errors, capacity];
