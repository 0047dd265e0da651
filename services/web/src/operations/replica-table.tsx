import { useState } from 'preact/hooks';
import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import type { CapacityAnswer } from '../../../../shared/protocol/http-service.ts';
import { latency } from '../../../../shared/wording/duration.ts';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';

type Replica = CapacityAnswer['replicas'][number];

interface ReplicaTableProps {
  api: ApiClient;
  cluster: CapacityAnswer;
  /** A replica was told to end. */
  onDrained(): void;
}

/** Every replica with its load; each can be told to end gently. */
export function ReplicaTable({ api, cluster, onDrained }: ReplicaTableProps) {
  const [asked, setAsked] = useState<Replica>();
  const drain = useAction(async (id: string) => {
    await api.operations.drain(id);
    setAsked(undefined);
    onDrained();
  });
  const columns: Column<Replica>[] = [
    { head: 'Replica', cell: ({ id }) => <strong class="whole">{id}</strong> },
    {
      head: 'State',
      cell: (replica) => <StateBadge replica={replica} leader={cluster.leader?.replica === replica.id} />,
    },
    { head: 'Version', cell: ({ version }) => version },
    { head: 'Roles', cell: ({ roles }) => roles.join(', ') },
    { head: 'Sockets', cell: ({ sockets }) => sockets, numeric: true },
    { head: 'Runs', cell: ({ runs }) => runs, numeric: true },
    { head: 'Event loop', cell: ({ event_loop_delay_ms }) => latency(event_loop_delay_ms), numeric: true },
    { head: 'Redis', cell: ({ redis_latency_ms }) => latency(redis_latency_ms), numeric: true },
    {
      head: 'Do',
      cell: (replica) => (
        <Button
          look="quiet"
          disabled={replica.draining === true}
          aria-label={`Drain ${replica.id}`}
          onClick={() => setAsked(replica)}
        >
          Drain
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table caption="Replicas" columns={columns} rows={inOrder(cluster.replicas)} keyOf={({ id }) => id} />
      {asked !== undefined && (
        <Dialog
          title={`Drain ${asked.id}?`}
          onClose={() => setAsked(undefined)}
          actions={
            <>
              <Button onClick={() => setAsked(undefined)}>Let it be</Button>
              <Button look="danger" busy={drain.busy} onClick={() => void drain.run(asked.id)}>
                Drain it
              </Button>
            </>
          }
        >
          <p>
            Its {asked.sockets} sockets are told to reconnect elsewhere, its {asked.runs} runs are handed on, and the
            process ends. Whoever supervises it starts it again.
          </p>
          {cluster.replicas.length === 1 && <Problem>It is the only replica: nobody is there to take over.</Problem>}
          {drain.error !== undefined && <Problem>{drain.error}</Problem>}
        </Dialog>
      )}
    </>
  );
}

/** So that rows stay where they are, with 2 before 10. */
function inOrder(replicas: readonly Replica[]): Replica[] {
  return [...replicas].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

function StateBadge({ replica, leader }: { replica: Replica; leader: boolean }) {
  if (replica.draining === true) return <Badge tone="warn">draining</Badge>;
  return <Badge tone={leader ? 'accent' : 'good'}>{leader ? 'leader' : 'serving'}</Badge>;
}
