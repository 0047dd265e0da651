import type { ComponentType } from 'preact';
import { useSearch } from 'wouter-preact';
import { Problem } from '../design/problem.tsx';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';

/** Writes a workflow, with `?from=<id>` beginning with an existing one. The editor and its validator are loaded when somebody comes here. */
export function NewWorkflowPage({ session }: { session: Session }) {
  const from = new URLSearchParams(useSearch()).get('from');
  const editor = useResource(`editor ${from}`, async (signal) => {
    const [{ WorkflowEditor }, workflow] = await Promise.all([
      import('./workflow-editor.tsx'),
      from === null ? null : session.api.getWorkflow(from, { signal }),
    ]);
    const Editor: ComponentType<{ session: Session }> = (props) => (
      <WorkflowEditor {...props} model={workflow === null ? null : modelOf(workflow)} />
    );
    return { Editor };
  });
  if (editor.error !== undefined) return <Problem>{editor.error}</Problem>;
  if (editor.value === undefined) return <p class="soft">Loading the editor …</p>;
  const { Editor } = editor.value;
  return <Editor session={session} />;
}

type Workflow = Awaited<ReturnType<Session['api']['getWorkflow']>>;

function modelOf({ name, description, steps }: Workflow) {
  return { name: `${name} (copy)`, ...(description === null ? {} : { description }), steps };
}
