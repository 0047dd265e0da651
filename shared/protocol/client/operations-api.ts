import type { FeaturesAnswer, FeaturesPatch } from '../http-chat.ts';
import type { HistoryAnswer } from '../http-history.ts';
import type { Incident, IncidentBody, IncidentPage, IncidentPatch, IncidentUpdateBody } from '../http-incidents.ts';
import type { ApiCaller, CallOptions, PageOptions } from './api-caller.ts';

const ADMIN = '/api/v1/admin';

/** What people who run the service do beside limits and providers. Administrators only, but for the list of incidents. Rejects as `ApiClient` does. */
export class OperationsApi {
  constructor(private readonly api: ApiCaller) {}

  /** Times as ISO; `step` in seconds. */
  history(options: CallOptions & { from?: string; to?: string; step?: number } = {}): Promise<HistoryAnswer> {
    const { from, to, step } = options;
    return this.api.get(`${ADMIN}/history`, { from, to, step }, options);
  }

  /** Everybody may read these. */
  incidents(options: PageOptions & { status?: 'open' | 'all' } = {}): Promise<IncidentPage> {
    const { status, limit, cursor } = options;
    return this.api.get('/api/v1/incidents', { status, limit, cursor }, options);
  }

  openIncident(body: IncidentBody, options?: CallOptions): Promise<Incident> {
    return this.api.call({ method: 'POST', path: `${ADMIN}/incidents`, body, safe: false }, options);
  }

  patchIncident(id: string, body: IncidentPatch, options?: CallOptions): Promise<Incident> {
    return this.api.call({ method: 'PATCH', path: incidentPath(id), body, safe: true }, options);
  }

  updateIncident(id: string, body: IncidentUpdateBody, options?: CallOptions): Promise<Incident> {
    return this.api.call({ method: 'POST', path: `${incidentPath(id)}/updates`, body, safe: false }, options);
  }

  features(options?: CallOptions): Promise<FeaturesAnswer> {
    return this.api.get(`${ADMIN}/features`, {}, options);
  }

  patchFeatures(body: FeaturesPatch, options?: CallOptions): Promise<FeaturesAnswer> {
    return this.api.call({ method: 'PATCH', path: `${ADMIN}/features`, body, safe: true }, options);
  }

  /** The replica takes nothing new, hands on what it has, and ends. */
  async drain(replica: string, options?: CallOptions): Promise<void> {
    const path = `${ADMIN}/replicas/${encodeURIComponent(replica)}/drain`;
    await this.api.call({ method: 'POST', path, safe: true }, options);
  }
}

function incidentPath(id: string): string {
  return `${ADMIN}/incidents/${encodeURIComponent(id)}`;
}
