import type { ApiReplica } from './api-cluster.ts';

/** Stores a definition of two delays; answers its id. */
export async function storeWorkflow(replica: ApiReplica, name = 'two naps'): Promise<string> {
  const workflow = await replica.database.workflows.create({
    name,
    steps: [
      { name: 'first', type: 'delay', config: { duration: 0.01 } },
      { name: 'second', type: 'delay', config: { duration: 0.01 } },
    ],
    createdBy: 'tests',
  });
  return workflow.id;
}
