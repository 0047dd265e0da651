import { Route, Router, Switch } from 'wouter-preact';
import { Empty } from '../design/empty.tsx';
import { endedBecause, session } from '../session/session.ts';
import { SignIn } from '../session/sign-in.tsx';
import { Frame } from './frame.tsx';
import { PAGES } from './pages.ts';

/** Where the console lives (vite.config.ts). */
const BASE = import.meta.env.BASE_URL.replace(/\/$/, '');

export function App() {
  const current = session.value;
  if (current === null) return <SignIn because={endedBecause.value} />;
  const pages = PAGES.filter(({ admin }) => !admin || current.role === 'admin');
  return (
    <Router base={BASE}>
      <Frame session={current} pages={pages}>
        <Switch>
          {pages.map(({ path, component: Component }) => (
            <Route key={path} path={path}>
              {(params) => <Component {...params} session={current} />}
            </Route>
          ))}
          <Route>
            <Empty title="There is no such page.">
              <p>The navigation shows what there is.</p>
            </Empty>
          </Route>
        </Switch>
      </Frame>
    </Router>
  );
}
