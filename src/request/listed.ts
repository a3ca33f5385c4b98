import { AsyncResource } from 'node:async_hooks';
import { type Due, OFF_WHEEL } from '../schedule/deadline-wheel.js';

/**
 * The fields of an item of the wait queue and the deadline wheel, which own them: lists that are linked through their
 * items need no object for each. It is also an async resource, so that one object serves as all of it.
 */
export class Listed extends AsyncResource {
  dueMs = 0;
  wheelNext: Due | undefined = undefined;
  wheelPrevious: Due | undefined = undefined;
  wheelSlot = OFF_WHEEL;
  queueNext: this | undefined = undefined;
  queuePrevious: this | undefined = undefined;
  isQueued = false;
}
