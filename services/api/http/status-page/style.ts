/** The style sheet of the status page; colours are those of the console (services/web/src/design/tokens.css). */
export const STATUS_STYLE = `:root {
  color-scheme: light dark;
  --page: light-dark(#f3f6f6, #0b1719); --surface: light-dark(#fff, #122326); --line: light-dark(#d5dedf, #24393d);
  --text: light-dark(#12272c, #e5f0f0); --soft: light-dark(#4c6268, #a0b6b9); --accent: light-dark(#0b6474, #5cc9c4);
  --good: light-dark(#17693f, #74d79b); --warn: light-dark(#8a5000, #f3b562); --bad: light-dark(#b3261e, #ff9b90);
  --good-soft: light-dark(#def3e6, #12351f); --warn-soft: light-dark(#fdeed3, #3a2a0e); --bad-soft: light-dark(#fce4e1, #451a16);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 50rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, .row { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
.brand { font-size: 1.25rem; font-weight: 700; color: var(--text); text-decoration: none; } .brand span { font-weight: 400; color: var(--soft); }
a { color: var(--accent); } nav a { margin-left: 1rem; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; } h2 { margin: 2.25rem 0 .75rem; font-size: 1.1rem; } h3 { margin: 0; font-size: 1rem; }
p { margin: .35rem 0 0; } .soft { color: var(--soft); font-size: .9rem; }
.banner { margin-top: 1.25rem; padding: 1.25rem 1.5rem; border-radius: 10px; border-left: 6px solid var(--good); background: var(--good-soft); }
.banner.degraded { border-color: var(--warn); background: var(--warn-soft); } .banner.down { border-color: var(--bad); background: var(--bad-soft); }
.banner .soft { color: inherit; }
.card { margin: 0 0 .75rem; padding: 1rem 1.25rem; list-style: none; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.card.impact-minor { border-left: 4px solid var(--warn); } .card.impact-major, .card.impact-critical { border-left: 4px solid var(--bad); }
.components li { padding: .9rem 0; border-top: 1px solid var(--line); } .components li:first-child { border: 0; padding-top: 0; } .components li:last-child { padding-bottom: 0; }
.state.operational { color: var(--good); } .state.degraded { color: var(--warn); } .state.down { color: var(--bad); font-weight: 600; }
.bars { display: block; width: 100%; height: 28px; margin: .5rem 0 .25rem; }
.bars .good { fill: var(--good); } .bars .warn { fill: var(--warn); } .bars .bad { fill: var(--bad); } .bars .none { fill: var(--line); }
.updates { margin: .75rem 0 0; padding: 0; list-style: none; } .updates li { padding: .5rem 0 0 .9rem; border-left: 2px solid var(--line); white-space: pre-line; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .9rem 1.5rem; } .facts div { min-width: 0; }
dt { color: var(--soft); font-size: .9rem; } dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 2.5rem; }
`;
