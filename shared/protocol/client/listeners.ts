/** Functions to call with a value. One that throws does not keep the others, or the caller, from going on. */
export class Listeners<Value> {
  private readonly all = new Set<{ call(value: Value): void }>();

  /** The answer removes the listener. */
  add(listener: (value: Value) => void): () => void {
    const entry = { call: listener };
    this.all.add(entry);
    return () => void this.all.delete(entry);
  }

  emit(value: Value): void {
    for (const listener of [...this.all]) {
      try {
        listener.call(value);
      } catch (error) {
        // As with DOM events: reported to the platform, in a turn of its own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
