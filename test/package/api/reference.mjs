import { Application, ReflectionKind } from 'typedoc';
import { entries, root } from './entries.mjs';

const documented =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.Property |
  ReflectionKind.Accessor |
  ReflectionKind.Method;

/** Reads all entries into one model of the public API. */
export async function readReference() {
  const app = await Application.bootstrap({
    name: 'Choragus',
    entryPoints: entries.map(({ types }) => types),
    basePath: root,
    tsconfig: `${root}test/package/api/tsconfig.json`,
    readme: 'none',
    excludePrivate: true,
    excludeExternals: true,
    skipErrorChecking: true,
    logLevel: 'Error',
    validation: false,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the built types');
  for (const module of project.children) module.name = entryOf(module).name;
  return { app, project };
}

function entryOf(module) {
  const [{ fullFileName }] = module.sources;
  return entries.find(({ types }) => types === fullFileName);
}

/** Returns the public names without a docstring. The parts of an alias, a machine or a property are documented as a whole. */
export function undocumented(project) {
  return project
    .getReflectionsByKind(documented)
    .filter((reflection) => !isPartOfWhole(reflection) && !hasDocstring(reflection))
    .map((reflection) => reflection.getFullName());
}

function hasDocstring(reflection) {
  const described = [reflection, ...(reflection.signatures ?? []), reflection.getSignature, reflection.setSignature];
  return described.some((part) => part?.hasComment());
}

const whole = [ReflectionKind.Variable, ReflectionKind.TypeAlias, ReflectionKind.Property, ReflectionKind.Method];

function isPartOfWhole({ parent }) {
  return parent !== undefined && (parent.kindOf(whole) || isPartOfWhole(parent));
}
