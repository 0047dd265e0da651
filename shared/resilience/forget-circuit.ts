import { type Circuit, circuits, type Module, modules } from 'mollitia';

/** Ends a circuit with its timers. mollitia keeps every circuit and module it ever made in two arrays; these go out of them. */
export function forget(circuit: Circuit, module: Module): void {
  circuit.dispose();
  remove(circuits, circuit);
  remove(modules, module);
}

function remove<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
