import type { ComponentType } from 'preact';
import { ChatsPage } from '../chat/chats-page.tsx';
import { HistoryPage } from '../operations/history-page.tsx';
import { IncidentsPage } from '../operations/incidents-page.tsx';
import { LimitsPage } from '../operations/limits-page.tsx';
import { OverviewPage } from '../operations/overview-page.tsx';
import { ProvidersPage } from '../operations/providers-page.tsx';
import { QueuePage } from '../operations/queue-page.tsx';
import { HomePage } from '../runs/home-page.tsx';
import { RunPage } from '../runs/run-page.tsx';
import { RunsPage } from '../runs/runs-page.tsx';
import type { Session } from '../session/session.ts';
import { NewWorkflowPage } from '../workflows/new-workflow-page.tsx';
import { WorkflowsPage } from '../workflows/workflows-page.tsx';

export interface Page {
  /** Below the console's own address; `:name` reaches the page as a property. */
  path: string;
  component: ComponentType<{ session: Session } & Record<string, unknown>>;
  /** In the navigation; left out: reached from another page. */
  label?: string;
  /** Administrators only. */
  admin?: boolean;
}

/** Every page, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', component: HomePage, label: 'Start' },
  { path: '/workflows', component: WorkflowsPage, label: 'Workflows' },
  { path: '/workflows/new', component: NewWorkflowPage },
  { path: '/runs', component: RunsPage, label: 'History' },
  { path: '/runs/:id', component: RunPage as Page['component'] },
  { path: '/chats', component: ChatsPage, label: 'Conversations' },
  { path: '/operations', component: OverviewPage, label: 'Cluster', admin: true },
  { path: '/operations/history', component: HistoryPage, label: 'Graphs', admin: true },
  { path: '/operations/queue', component: QueuePage, label: 'Queue', admin: true },
  { path: '/operations/limits', component: LimitsPage, label: 'Limits', admin: true },
  { path: '/operations/providers', component: ProvidersPage, label: 'Providers', admin: true },
  { path: '/operations/incidents', component: IncidentsPage, label: 'Incidents', admin: true },
];
