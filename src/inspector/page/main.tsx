import './page.css';
import './views/fleet.css';
import './phone.css';
import './chart/chart.css';
import './views/sequence.css';
import './views/actors.css';
import './views/detail/detail.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.js';
import { prepareLayout } from './chart/use-layout.js';
import { drawOncePerFrame } from './frames.js';
import { keepTitle } from './page-title.js';
import { model, watchService } from './session.js';

drawOncePerFrame();
keepTitle();
// The first view of other programs has a chart.
effect(() => {
  if (model.version.value >= 0 && model.hello?.watches === 'programs') prepareLayout();
});
render(<App />, document.getElementById('app') as HTMLElement);
// Opened for a recording: there may be no service.
if (!location.search.includes('replay')) watchService();
