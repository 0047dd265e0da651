import type { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import type { FeaturesAnswer } from '../../../../shared/protocol/http-chat.ts';
import type { Comfort } from '../../../../shared/workflow/capacity-level.ts';
import { Badge } from '../design/badge.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';

const STEP_MS = 2_000;
const WISHES = ['auto', 'on', 'off'] as const;
type Wish = (typeof WISHES)[number];
const WORDS: Record<Wish, string> = { auto: 'follows the level', on: 'always on', off: 'always off' };
type Feature = FeaturesAnswer['features'][number];

/** Comforts of the conversations: which are on, and whether somebody decided so. */
export function FeaturePanel({ api }: { api: ApiClient }) {
  const features = useResource('features', (signal) => api.operations.features({ signal }), STEP_MS);
  const wish = useAction(async (name: Comfort, to: Wish) => {
    await api.operations.patchFeatures({ [name]: to, reason: 'by hand, in the console' });
    features.reload();
  });
  const columns: Column<Feature>[] = [
    { head: 'Comfort', cell: ({ name }) => <strong>{name.replace('_', ' ')}</strong> },
    { head: 'Now', cell: ({ enabled }) => <Badge tone={enabled ? 'good' : 'warn'}>{enabled ? 'on' : 'off'}</Badge> },
    { head: 'Decided by', cell: ({ forced }) => (forced === null ? 'the level' : forced.by) },
    {
      head: 'Wish',
      cell: ({ name, forced }) => (
        <select
          aria-label={`Wish for ${name.replace('_', ' ')}`}
          value={forced?.state ?? 'auto'}
          onChange={(event) => void wish.run(name, event.currentTarget.value as Wish)}
        >
          {WISHES.map((state) => (
            <option key={state} value={state}>
              {WORDS[state]}
            </option>
          ))}
        </select>
      ),
    },
  ];
  const error = features.error ?? wish.error;
  return (
    <Panel title="Comforts">
      <div class={layout.stack}>
        <p class="soft">Switched off in this order when the cluster is nearly full, and back on when it is not.</p>
        {error !== undefined && <Problem>{error}</Problem>}
        {features.value !== undefined && (
          <Table caption="Comforts" columns={columns} rows={features.value.features} keyOf={({ name }) => name} />
        )}
      </div>
    </Panel>
  );
}
