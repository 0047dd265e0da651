import type { ProvidersAnswer } from '../../../../shared/protocol/http-service.ts';
import { ago, wholeSeconds } from '../../../../shared/wording/duration.ts';
import { Badge, type Tone } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Facts } from '../design/facts.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { now } from '../shell/now.ts';

const STEP_MS = 2_000;

type Provider = ProvidersAnswer['providers'][number];
type Failure = Provider['recent_failures'][number];

const STATES: Record<Provider['state'], { tone: Tone; word: string }> = {
  closed: { tone: 'good', word: 'works' },
  half_open: { tone: 'warn', word: 'being tried' },
  open: { tone: 'bad', word: 'left out' },
};

/** The model providers: who is asked, why one is left out, and who should be asked first. */
export function ProvidersPage({ session: { api } }: { session: Session }) {
  const providers = useResource('providers', (signal) => api.providers({ signal }), STEP_MS);
  const force = useAction(async (forced: string | null) => {
    await api.patchProviders({ forced });
    providers.reload();
  });
  const answer = providers.value;
  const error = providers.error ?? force.error;
  return (
    <>
      <div class={layout.between}>
        <h1>Model providers</h1>
        {answer != null && answer.forced !== null && (
          <Button busy={force.busy} onClick={() => void force.run(null)}>
            Ask the primary first again
          </Button>
        )}
      </div>
      {error !== undefined && <Problem>{error}</Problem>}
      {answer?.active === null && <Problem>No provider can be asked now: steps that need a model wait.</Problem>}
      {answer?.providers.map((provider) => (
        <Panel
          key={provider.name}
          title={provider.name}
          actions={
            <>
              {provider.active && <Badge tone="accent">asked first</Badge>}
              <Badge tone={STATES[provider.state].tone}>{STATES[provider.state].word}</Badge>
              {!provider.active && answer.forced !== provider.name && (
                <Button
                  look="quiet"
                  busy={force.busy}
                  aria-label={`Ask it first: ${provider.name}`}
                  onClick={() => void force.run(provider.name)}
                >
                  Ask it first
                </Button>
              )}
            </>
          }
        >
          <div class={layout.halves}>
            <Facts facts={factsOf(provider, answer.forced === provider.name, now.value)} />
            {provider.recent_failures.length === 0 ? (
              <p class="soft">No failure in the last hour.</p>
            ) : (
              <Table
                caption={`Failures of ${provider.name}, newest first`}
                columns={failureColumns(now.value)}
                rows={provider.recent_failures}
                keyOf={({ at, replica, kind }) => `${at} ${replica} ${kind}`}
              />
            )}
          </div>
        </Panel>
      ))}
    </>
  );
}

function factsOf(provider: Provider, forced: boolean, at: number): Array<[string, string]> {
  const { role, endpoint, model, large_model, since, reason, next_probe_at } = provider;
  const facts: Array<[string, string | null]> = [
    ['Role', forced ? `${role}, asked first by an administrator` : role],
    ['Endpoint', endpoint],
    ['Model', large_model === null ? model : `${model}, ${large_model} for long prompts`],
    ['In this state for', since === null ? null : wholeSeconds(at - Date.parse(since))],
    ['Why', reason],
    ['Next probe in', next_probe_at === null ? null : wholeSeconds(Date.parse(next_probe_at) - at)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function failureColumns(at: number): Column<Failure>[] {
  return [
    { head: 'When', cell: (failure) => ago(failure.at, at) },
    { head: 'What', cell: ({ kind, status }) => (status === null ? kind : `${kind} (${status})`) },
    { head: 'Seen by', cell: ({ replica }) => replica },
  ];
}
