import type { z } from 'zod';
import * as http from '../../../shared/protocol/http.ts';
import { definitionSchema, stepSchema, webhookConfigSchema } from '../../../shared/workflow/definition.ts';

/**
 * Schemas that have a name of their own in the document. `JsonValue` must: it contains itself. What others contain stands
 * before them: a component takes its shape from where the generator meets it first, which may be a nullable field.
 */
export const COMPONENTS: Record<string, z.ZodType> = {
  JsonValue: webhookConfigSchema.shape.body.unwrap() as z.ZodType,
  QueuePlace: http.queuePlaceSchema,
  Step: stepSchema,
  WorkflowDefinition: definitionSchema,
  Workflow: http.workflowAnswerSchema,
  WorkflowPage: http.workflowPageSchema,
  Trigger: http.triggerBodySchema,
  Accepted: http.triggerAnswerSchema,
  Run: http.runAnswerSchema,
  RunPage: http.runPageSchema,
  Queue: http.queueAnswerSchema,
  Limits: http.limitsSchema,
  LimitsPatch: http.capacityPatchSchema,
  Capacity: http.capacityAnswerSchema,
  SystemStatus: http.systemStatusSchema,
  Ticket: http.ticketAnswerSchema,
  Problem: http.problemSchema,
};
