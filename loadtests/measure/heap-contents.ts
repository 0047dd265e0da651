/** Bytes of a heap by what they are. */
export interface HeapContents {
  /** What the program holds: objects, strings, numbers, arrays, functions, shapes of objects, buffers. */
  objects: number;
  /** What V8 has made of its source: byte code, machine code, feedback, and lists of the machine code that relies on something. */
  code: number;
}

/** The parts of a snapshot that are read: https://github.com/v8/v8/blob/11.3.244/src/profiler/heap-snapshot-generator.cc, HeapSnapshotJSONSerializer. */
interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
  strings: string[];
}

/** V8's own, not of code: promises that wait, for example. Of those only these lists are about code. */
const HIDDEN = 'hidden';
const LISTS_OF_CODE = 'system / WeakArrayList';

/** Adds up a heap snapshot. Throws SyntaxError when it is none. */
export function heapContents(snapshot: string): HeapContents {
  const { snapshot: about, nodes, strings } = JSON.parse(snapshot) as Snapshot;
  const { node_fields: fields, node_types: types } = about.meta;
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
  if (type === undefined || name === undefined || size === undefined || Math.min(type, name, size) < 0)
    throw new SyntaxError('not a heap snapshot');
  const found: HeapContents = { objects: 0, code: 0 };
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type] ?? 0];
    const isCode = kind === 'code' || (kind === HIDDEN && strings[nodes[at + name] ?? 0] === LISTS_OF_CODE);
    found[isCode ? 'code' : 'objects'] += nodes[at + size] ?? 0;
  }
  return found;
}
