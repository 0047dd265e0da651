import { z } from 'zod';

/** Of paths with `:id`: a run, a workflow, an incident. */
export const idParams = z.object({ id: z.uuid() });
