import { expectTypeOf, test } from 'vitest';
import type { InspectionEvent, Observer } from 'xstate';
import type { InspectionObserver } from '../../../src/index.js';

test('whatever takes the inspection events of xstate is an InspectionObserver', () => {
  expectTypeOf<(event: InspectionEvent) => void>().toExtend<InspectionObserver>();
  expectTypeOf<Observer<InspectionEvent>>().toExtend<InspectionObserver>();
  expectTypeOf<Partial<Observer<InspectionEvent>>>().toExtend<InspectionObserver>();
  expectTypeOf<(event: string) => void>().not.toExtend<InspectionObserver>();
});
