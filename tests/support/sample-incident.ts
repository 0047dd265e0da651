import type { Incident } from '../../shared/protocol/http.ts';

/** An open incident, as `GET /incidents` answers it; `overrides` make it another one. */
export function sampleIncident(overrides: Partial<Incident> = {}): Incident {
  return {
    id: '0198c0de-0000-7000-8000-0000000000b1',
    title: 'Slow model',
    impact: 'minor',
    status: 'investigating',
    components: ['models'],
    cause: null,
    automatic: false,
    started_at: '2026-01-01T00:00:00.000Z',
    resolved_at: null,
    scheduled_for: null,
    scheduled_until: null,
    estimated_resolution_at: null,
    estimate_confidence: null,
    updates: [
      {
        id: '0198c0de-0000-7000-8000-0000000000c1',
        status: 'investigating',
        message: 'We are looking into it.',
        by: null,
        at: '2026-01-01T00:00:00.000Z',
      },
    ],
    ...overrides,
  };
}

/** Maintenance planned for an hour. */
export function sampleMaintenance(overrides: Partial<Incident> = {}): Incident {
  return sampleIncident({
    id: '0198c0de-0000-7000-8000-0000000000b2',
    title: 'New database version',
    impact: 'major',
    status: 'scheduled',
    components: ['postgres'],
    started_at: '2026-01-02T00:00:00.000Z',
    scheduled_for: '2026-01-02T00:00:00.000Z',
    scheduled_until: '2026-01-02T01:00:00.000Z',
    ...overrides,
  });
}
