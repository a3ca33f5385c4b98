import { expectTypeOf, test } from 'vitest';
import type { InspectionEvent, Observer } from 'xstate';
import type { InspectionObserver } from '../../../src/index.js';

test("an observer of xstate's inspection events is an InspectionObserver", () => {
  expectTypeOf<(event: InspectionEvent) => void>().toExtend<InspectionObserver>();
  expectTypeOf<Observer<InspectionEvent>>().toExtend<InspectionObserver>();
  expectTypeOf<Partial<Observer<InspectionEvent>>>().toExtend<InspectionObserver>();
  expectTypeOf<(event: string) => void>().not.toExtend<InspectionObserver>();
});
