import { AsyncResource } from 'node:async_hooks';
import { type Due, OFF_WHEEL } from '../schedule/deadline-wheel.js';

/**
 * What stands in the wait queue and on the deadline wheel, which own these fields: a list that is linked through its items costs no
 * object for each. An async resource besides, so that one object is all of it.
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
