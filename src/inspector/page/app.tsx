import './truth.css';
import type { JSX } from 'preact';
import { Banner } from './banner.js';
import { acceptDrops } from './drop-file.js';
import { Header } from './header.js';
import { ReplayBar } from './replay-bar.js';
import { route, type View } from './route.js';
import { model } from './session.js';
import { useKeys } from './use-keys.js';
import { ActorsView } from './views/actors-view.js';
import { FleetView } from './views/fleet-view.js';
import { SequenceView } from './views/sequence-view.js';
import { StatechartPanel } from './views/statechart-panel.js';
import { SupervisionView } from './views/supervision-view.js';
import { TimelinePanel } from './views/timeline-panel.js';

const pages: Readonly<Record<View, () => JSX.Element>> = {
  fleet: FleetView,
  statechart: StatechartPanel,
  timeline: TimelinePanel,
  sequence: SequenceView,
  supervision: SupervisionView,
  actors: ActorsView,
};

acceptDrops();

export function App(): JSX.Element {
  useKeys();
  const { view } = route.value;
  // Other programs have actors, but no fleet.
  const isForeign = model.version.value >= 0 && model.cis.size === 0 && model.actors.size > 0;
  const Page = pages[isForeign && view === 'fleet' ? 'actors' : view];
  return (
    <>
      <Header isForeign={isForeign} />
      <Banner />
      <ReplayBar />
      <main id="main" tabIndex={-1}>
        <Page />
      </main>
    </>
  );
}
