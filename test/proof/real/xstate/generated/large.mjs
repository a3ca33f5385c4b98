export { largeMachine } from '../../../../support/large-machines.mjs';
