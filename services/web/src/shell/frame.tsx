import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, useLocation, useRoute } from 'wouter-preact';
import { Button } from '../design/button.tsx';
import { type Session, signOut } from '../session/session.ts';
import { ConnectionState } from './connection-state.tsx';
import styles from './frame.module.css';
import { LevelBanner } from './level-banner.tsx';
import { Notices } from './notices.tsx';
import type { Page } from './pages.ts';
import { ThemeChoice } from './theme-choice.tsx';

/** What surrounds every page: navigation, who is signed in, how the connection is, the banner of the level. */
export function Frame({
  session,
  pages,
  children,
}: {
  session: Session;
  pages: readonly Page[];
  children: ComponentChildren;
}) {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A page change is silent to screen readers unless the focus moves; the very first page keeps it where the browser put it.
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [location]);
  const labelled = pages.flatMap(({ label, path, admin }) => (label === undefined ? [] : [{ label, path, admin }]));
  return (
    <div class={styles.frame}>
      <a class={styles.skip} href="#main">
        Skip to the page
      </a>
      <header class={styles.side}>
        <p class={styles.brand}>
          <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="28" height="28" />
          Weir
        </p>
        <nav ref={nav} class={styles.nav} aria-label="Pages">
          {labelled
            .filter(({ admin }) => !admin)
            .map(({ label, path }) => (
              <NavLink key={path} path={path} label={label} />
            ))}
          {labelled.some(({ admin }) => admin) && <p class={styles.group}>Operations</p>}
          {labelled
            .filter(({ admin }) => admin)
            .map(({ label, path }) => (
              <NavLink key={path} path={path} label={label} />
            ))}
        </nav>
        <div class={styles.foot}>
          <ConnectionState live={session.live} />
          <ThemeChoice />
          <div class={styles.who}>
            <span>
              {session.userId}
              {session.role === 'admin' && <span class="soft"> · admin</span>}
            </span>
            <Button look="quiet" onClick={() => void signOut()}>
              Sign out
            </Button>
          </div>
        </div>
      </header>
      <main id="main" ref={main} class={styles.main} tabIndex={-1}>
        <LevelBanner live={session.live} />
        {children}
      </main>
      <Notices live={session.live} />
    </div>
  );
}

function NavLink({ path, label }: { path: string; label: string }) {
  const [here] = useRoute(path);
  return (
    <Link href={path} class={styles.link} aria-current={here ? 'page' : undefined}>
      {label}
    </Link>
  );
}
