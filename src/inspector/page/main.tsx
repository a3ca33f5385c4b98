import './page.css';
import './views/fleet.css';
import './phone.css';
import './chart/chart.css';
import './views/sequence.css';
import './views/actors.css';
import './views/detail/detail.css';
import { render } from 'preact';
import { App } from './app.js';
import { drawOncePerFrame } from './frames.js';
import { keepTitle } from './page-title.js';
import { watchService } from './session.js';

drawOncePerFrame();
keepTitle();
render(<App />, document.getElementById('app') as HTMLElement);
// Opened for a recording: there may be no service.
if (!location.search.includes('replay')) watchService();
