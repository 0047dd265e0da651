/** Values of a metric's label when anybody may invent new ones: the first `max` of a process by name, the rest as `other`. */
export class BoundedLabels {
  private readonly known = new Set<string>();

  constructor(private readonly max: number) {}

  label(value: string): string {
    if (this.known.size < this.max) this.known.add(value);
    return this.known.has(value) ? value : 'other';
  }
}
