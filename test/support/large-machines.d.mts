import type { AnyStateMachine } from 'xstate';

export declare const largeMachine: AnyStateMachine;
export declare const flatMachine: AnyStateMachine;
