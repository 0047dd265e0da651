/** Distinct models a process reports by name; a step may name any text as its model, and a label per text would grow without end. */
const MAX_MODELS = 20;

/** Metric labels of models: the first ones by name, the rest as `other`. */
export class ModelLabels {
  private readonly known = new Set<string>();

  label(model: string): string {
    if (this.known.size < MAX_MODELS) this.known.add(model);
    return this.known.has(model) ? model : 'other';
  }
}
