import { createHash } from 'node:crypto';

/** The page's only style sheet, inline. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line); }
a { color: var(--accent); }
code { font: 13px/1.4 ui-monospace, monospace; }
nav a { margin-right: 1rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
details > div { padding: 0 1rem 1rem; }
summary { padding: .5rem 1rem; cursor: pointer; }
summary:hover { background: var(--soft); }
summary code { font-weight: 600; }
.method { display: inline-block; width: 4.5rem; font: 600 12px ui-monospace, monospace; text-transform: uppercase; color: var(--accent); }
.access { float: right; font-size: 12px; border: 1px solid var(--line); border-radius: 99px; padding: 0 .6rem; }
h4 { margin: 1rem 0 .25rem; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
.about, small, i { opacity: .75; }
.codes { white-space: pre-line; }
:target { outline: 2px solid var(--accent); outline-offset: 4px; }
`;

/** For the Content-Security-Policy: this style and nothing else. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
