import './page.css';
import './chart/chart.css';
import './views/sequence.css';
import './views/actors.css';
import { render } from 'preact';
import { App } from './app.js';
import { watchService } from './session.js';

render(<App />, document.getElementById('app') as HTMLElement);
// Opened for a recording: there may be no service.
if (!location.search.includes('replay')) watchService();
