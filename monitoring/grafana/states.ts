import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

type State = readonly [text: string, color: string];

/** A state by its number: the first is 0. */
function states(...list: State[]): ValueMapping[] {
  return [
    {
      type: MappingType.ValueToText,
      options: Object.fromEntries(list.map(([text, color], index) => [String(index), { text, color, index }])),
    },
  ];
}

export const OFF_OR_ON = states(['off', 'orange'], ['on', 'green']);
export const NO_OR_YES = states(['no', 'red'], ['yes', 'green']);
export const UP_OR_DOWN = states(['down', 'red'], ['up', 'green']);
export const LEVELS = states(['normal', 'green'], ['elevated', 'yellow'], ['degraded', 'orange'], ['saturated', 'red']);
export const BREAKER = states(['closed', 'green'], ['half open', 'yellow'], ['open', 'red']);
