import { parser } from '@prometheus-io/lezer-promql';

/** One selector of an expression: the metric's name and the labels it is picked by. */
export interface Selector {
  metric: string;
  labels: string[];
}

/** Every selector of a PromQL expression, read with the grammar of Prometheus' own editor. */
export function selectorsOf(expression: string): Selector[] {
  const selectors: Selector[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to, node }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`not PromQL at "${expression.slice(from, from + 20)}": ${expression}`);
      if (type.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const selector = selectors.at(-1);
      if (type.name === 'Identifier' && selector !== undefined) selector.metric = text;
      if (type.name === 'LabelName' && node.parent?.type.name.endsWith('LabelMatcher')) selector?.labels.push(text);
    },
  });
  return selectors;
}
