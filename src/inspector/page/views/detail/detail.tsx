import { effect, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { route } from '../../route.js';
import { model } from '../../session.js';
import { type Chosen, ChosenCi } from './chosen-ci.js';
import { CiDetail } from './ci-detail.js';
import { closeDetail, focusDetail, HEADING_ID } from './close-detail.js';
import { DetailBar } from './detail-bar.js';

/** From this width, in pixels, the pane is beside the list; below, it covers it. Also in `detail.css`. */
const PHONE = '(max-width: 700px)';

const follower = new ChosenCi();
const chosen = signal<Chosen>({ is: 'none' });
// Also while another view is shown: a CI can be removed then.
effect(() => {
  void model.version.value;
  chosen.value = follower.look(route.value.ci, model);
});

/** Shows the chosen CI beside the list; nothing if none is chosen. */
export function Detail(): JSX.Element | null {
  const { value } = chosen;
  const { ci: name } = route.value;
  useEffect(() => {
    if (name === '') return;
    // The list is hidden: the focus must not stay there.
    if (matchMedia(PHONE).matches) focusDetail();
    addEventListener('keydown', closeOnEscape);
    return () => removeEventListener('keydown', closeOnEscape);
  }, [name]);
  if (value.is === 'none') return null;
  return (
    <section class="detail" aria-labelledby={HEADING_ID}>
      {'ci' in value ? (
        // Another CI starts with its own lists closed.
        <CiDetail key={value.ci.ci} {...value} />
      ) : (
        <>
          <DetailBar name={value.name} />
          <p class="empty">
            {value.is === 'awaited' ? 'Waiting for the first state…' : `The pool has no CI named ${value.name}.`}
          </p>
        </>
      )}
    </section>
  );
}

/** Closes the pane, unless the key belongs to a dialog or to a field that the user edits. */
function closeOnEscape(event: KeyboardEvent): void {
  const { target, key, defaultPrevented } = event;
  if (key !== 'Escape' || defaultPrevented) return;
  if (target instanceof Element && target.closest('dialog, input, select, textarea') !== null) return;
  closeDetail();
}
