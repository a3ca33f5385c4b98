import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { CiRow, ConnectionRow } from '../../feed/records.js';
import { model, post } from '../session.js';

interface Action {
  readonly do: string;
  readonly title: string;
  readonly on: 'connection' | 'ci';
  readonly means: string;
}

const actions: readonly Action[] = [
  { do: 'ping', title: 'Ping', on: 'connection', means: 'Sends a heartbeat.' },
  {
    do: 'retire',
    title: 'Retire',
    on: 'connection',
    means: 'Accepts no more requests, finishes those in flight, and closes.',
  },
  {
    do: 'reconnect',
    title: 'Reconnect',
    on: 'connection',
    means: 'Closes the connection now, also with requests in flight, and dials another.',
  },
  {
    do: 'drain',
    title: 'Drain the CI',
    on: 'ci',
    means: 'Removes the CI from the pool after its requests have ended.',
  },
  { do: 'lift-quarantine', title: 'Lift the quarantine', on: 'ci', means: 'Accepts requests for the CI again.' },
];

interface ActionsProps {
  readonly ci: CiRow;
  readonly connection?: ConnectionRow;
  /** Shows only the actions on this. Default: on both. */
  readonly on?: 'connection' | 'ci';
}

/** Shows the actions that the service allows. Each needs a confirmation. */
export function Actions({ ci, connection, on }: ActionsProps): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [chosen, choose] = useState<Action | undefined>(undefined);
  const [outcome, tell] = useState('');
  if (model.hello?.may.actions !== true) return null;
  const fits = actions.filter(
    (action) =>
      (on === undefined || action.on === on) &&
      (action.on === 'ci' || connection !== undefined) &&
      (action.do !== 'lift-quarantine' || ci.state === 'quarantined'),
  );
  const target = chosen?.on === 'ci' ? ci.ci : (connection?.connection ?? ci.ci);
  const act = async (): Promise<void> => {
    if (chosen === undefined) return;
    const failed = await post('/api/action', { do: chosen.do, [chosen.on]: target });
    tell(failed ?? `Done: ${chosen.title}, ${target}.`);
    dialog.current?.close();
  };
  return (
    <section class="actions" aria-label={`Actions on ${on === 'ci' ? ci.ci : (connection?.connection ?? ci.ci)}`}>
      {fits.map((action) => (
        <button
          key={action.do}
          type="button"
          onClick={() => {
            choose(action);
            dialog.current?.showModal();
          }}
        >
          {action.title}
        </button>
      ))}
      <output>{outcome}</output>
      <dialog ref={dialog} aria-labelledby={id}>
        <h2 id={id}>
          {chosen?.title}: {target}?
        </h2>
        <p>{chosen?.means}</p>
        <div class="choices">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" class="primary" onClick={() => void act()}>
            {chosen?.title}
          </button>
        </div>
      </dialog>
    </section>
  );
}
