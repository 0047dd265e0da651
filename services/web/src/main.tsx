import { render } from 'preact';
import './design/tokens.css';
import './design/base.css';
import { resumeSession } from './session/session.ts';
import { App } from './shell/app.tsx';
import { applyTheme } from './shell/theme.ts';

applyTheme();
resumeSession();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
