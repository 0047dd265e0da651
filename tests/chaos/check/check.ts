import type { Evidence } from '../evidence/evidence.ts';
import { checkAcceptance } from './acceptance.ts';
import { checkAnswers } from './answers.ts';
import { checkEffects } from './effects.ts';
import { checkEnds } from './ends.ts';
import { checkEvents } from './events.ts';
import { checkOrder } from './order.ts';
import { checkRest } from './rest.ts';
import { checkSlots } from './slots.ts';
import type { Violation } from './violation.ts';

/** Every way in which the evidence contradicts a promise. Knows nothing of the code: only what was seen from outside and stored. */
export function check(evidence: Evidence): Violation[] {
  const rules = [
    checkEnds,
    checkAcceptance,
    checkSlots,
    checkEffects,
    checkOrder,
    checkEvents,
    checkRest,
    checkAnswers,
  ];
  return rules.flatMap((rule) => rule(evidence));
}
