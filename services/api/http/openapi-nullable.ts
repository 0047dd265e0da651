/**
 * Repairs what the generator writes for a nullable component: `allOf: [{$ref}, {type: [x, "null"]}]` demands the component and
 * so forbids the null it means to allow. Becomes `anyOf: [{$ref}, {type: "null"}]`. Works in place, at any depth.
 */
export function repairNullable(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const value of Object.values(node)) repairNullable(value);
  if (!('allOf' in node) || !Array.isArray(node.allOf) || node.allOf.length !== 2) return;
  const [reference, nullable] = node.allOf as [{ $ref?: string }, { type?: unknown }];
  if (reference.$ref === undefined || !Array.isArray(nullable.type) || !nullable.type.includes('null')) return;
  delete node.allOf;
  Object.assign(node, { anyOf: [reference, { type: 'null' }] });
}
