/**
 * Parts of the service as its status shows them. Stored samples keep figures in this order: new ones come at the end, and none is
 * taken out.
 */
export const COMPONENTS = ['api', 'postgres', 'redis', 'dispatcher', 'workers', 'models'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Names for people. */
export const COMPONENT_NAMES: Record<Component, string> = {
  api: 'API and live updates',
  postgres: 'Storage',
  redis: 'Coordination',
  dispatcher: 'Queue',
  workers: 'Workflow execution',
  models: 'Model providers',
};
