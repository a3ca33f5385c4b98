export { flatMachine } from '../../../../support/large-machines.mjs';
