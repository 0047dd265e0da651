import { WeirError } from '../../../../shared/errors/weir-error.ts';
import {
  type CapacityAnswer,
  capacityAnswerSchema,
  capacityPatchSchema,
  type Limits,
} from '../../../../shared/protocol/http.ts';
import type { CapacityView } from '../../admission/capacity-view.ts';
import type { ChangeLimits } from '../../admission/limits.ts';
import { capacityAnswer } from '../capacity-answer.ts';
import { defineRoute, type Route } from '../route.ts';

export interface AdminCapacityDeps {
  view: Pick<CapacityView, 'readNow'>;
  changeLimits: Pick<ChangeLimits, 'change'>;
}

const PATH = '/api/v1/admin/capacity';
/** Told while Redis is away (s). */
const RETRY_SECONDS = 2;

/** What the cluster holds and may hold. */
export function adminCapacityRoutes({ view, changeLimits }: AdminCapacityDeps): Route[] {
  const read = async (): Promise<CapacityAnswer> => {
    const reading = await view.readNow();
    if (reading.kind === 'state') return capacityAnswer(reading);
    const cause = reading.kind === 'unavailable' ? reading.cause : 'the state is being rebuilt';
    throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
  };
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      tag: 'Administration',
      summary: 'Read limits, level and usage of the cluster',
      access: 'admin',
      input: {},
      answer: { status: 200, description: 'The state of this moment.', schema: capacityAnswerSchema },
      errors: ['capacity_unavailable'],
      handle: async () => ({ body: await read() }),
    }),
    defineRoute({
      method: 'patch',
      path: PATH,
      tag: 'Administration',
      summary: 'Change limits while running',
      description:
        'Limits not named stay as they are. In force on every replica when this is answered; running runs go on.',
      access: 'admin',
      input: { body: capacityPatchSchema },
      answer: { status: 200, description: 'In force.', schema: capacityAnswerSchema },
      errors: ['capacity_unavailable', 'storage_unavailable'],
      async handle({ body, caller }) {
        const patch = Object.fromEntries(
          Object.entries(body).filter(([, value]) => value !== undefined),
        ) as Partial<Limits>;
        await changeLimits.change(patch, caller.userId);
        return { body: await read() };
      },
    }),
  ];
}
