import { Route, Router, Switch, useLocation } from 'wouter-preact';
import { Empty } from '../design/empty.tsx';
import { endedBecause, type Session, session } from '../session/session.ts';
import { SignIn } from '../session/sign-in.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Frame } from './frame.tsx';
import { PAGES, type Page } from './pages.ts';

/** Where the console lives (vite.config.ts). */
const BASE = import.meta.env.BASE_URL.replace(/\/$/, '');

export function App() {
  return (
    <ErrorBoundary what="The console" alone>
      <Console />
    </ErrorBoundary>
  );
}

function Console() {
  const current = session.value;
  if (current === null) return <SignIn because={endedBecause.value} />;
  const pages = PAGES.filter(({ admin }) => !admin || current.role === 'admin');
  return (
    <Router base={BASE}>
      <Frame session={current} pages={pages}>
        <PageHere session={current} pages={pages} />
      </Frame>
    </Router>
  );
}

function PageHere({ session, pages }: { session: Session; pages: readonly Page[] }) {
  const [location] = useLocation();
  return (
    // By its key a boundary of its own for each address: an error of one page does not follow to another.
    <ErrorBoundary key={location} what="This page">
      <Switch>
        {pages.map(({ path, component: Component }) => (
          <Route key={path} path={path}>
            {(params) => <Component {...params} session={session} />}
          </Route>
        ))}
        <Route>
          <Empty title="There is no such page.">
            <p>The navigation shows what there is.</p>
          </Empty>
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}
