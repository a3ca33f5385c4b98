import { type ComponentName, components } from './components.js';
import { type Complain, describeSetting, type Environment, readPort } from './setting.js';

const bases = { TEKTON_AI_PORT_BASE: 45_000, TEKTON_PORT_BASE: 8000 } as const;

interface Misplaced {
  readonly component: ComponentName;
  /** The variables that cause the bad port. */
  readonly blamed: readonly string[];
  readonly sum: string;
}

/** Returns the variable that sets a component's port: `APOLLO_PORT`. */
const portVariable = (component: ComponentName): string => `${component.toUpperCase()}_PORT`;

/**
 * Returns the address of each component's CI, by name: `tcp://localhost:` and the port
 * `TEKTON_AI_PORT_BASE` + (the component's port - `TEKTON_PORT_BASE`).
 *
 * @internal
 */
export function ciAddresses(env: Environment, complain: Complain): Record<string, string> {
  let areBasesGood = true;
  const readBase = (name: keyof typeof bases): number | undefined =>
    readPort(env, name, (problem) => {
      areBasesGood = false;
      complain(problem);
    });
  const aiBase = readBase('TEKTON_AI_PORT_BASE');
  const base = readBase('TEKTON_PORT_BASE');
  const movedBases = [
    ...(aiBase === undefined ? [] : ['TEKTON_AI_PORT_BASE']),
    ...(base === undefined ? [] : ['TEKTON_PORT_BASE']),
  ];
  const aiPortBase = aiBase ?? bases.TEKTON_AI_PORT_BASE;
  const portBase = base ?? bases.TEKTON_PORT_BASE;
  const addresses: Record<string, string> = {};
  const misplaced: Misplaced[] = [];
  for (const component of Object.keys(components) as ComponentName[]) {
    const own = readPort(env, portVariable(component), complain);
    const componentPort = own ?? components[component];
    const port = aiPortBase + (componentPort - portBase);
    addresses[component] = `tcp://localhost:${port}`;
    if (port >= 1 && port <= 65_535) continue;
    const sum = `${aiPortBase} + (${componentPort} - ${portBase}) = ${port}`;
    misplaced.push({
      component,
      sum,
      blamed: own === undefined ? movedBases : [portVariable(component), ...movedBases],
    });
  }
  // Without valid bases the ports are unknown: an error about them could be wrong.
  if (areBasesGood) complainOfMisplaced(env, misplaced, movedBases, complain);
  return addresses;
}

/** Reports bases that move several CIs out of range as one problem, and each component's own variable as another. */
function complainOfMisplaced(
  env: Environment,
  misplaced: readonly Misplaced[],
  movedBases: readonly string[],
  complain: Complain,
): void {
  const byBases = misplaced.filter(({ blamed }) => blamed === movedBases);
  const byOwn = misplaced.filter(({ blamed }) => blamed !== movedBases);
  for (const { component, blamed, sum } of [...byBases.slice(0, 1), ...byOwn]) {
    const others = blamed === movedBases && byBases.length > 1 ? ` (and ${byBases.length - 1} more)` : '';
    const shown = blamed.map((name) => describeSetting(env, name)).join(', ');
    complain(`${shown} puts the CI ${component}${others} at port ${sum}: the port of a CI must be from 1 to 65535`);
  }
}
