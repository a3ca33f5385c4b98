import type { Call } from '../call.js';

/** Answers `GET /v1/models`: the CIs with their states, and the name that means all of them. */
export function listModels(call: Call): void {
  const { team } = call.settings;
  const names = [...call.cis, ...(team !== false && call.isTeam(team) ? [team] : [])];
  call.send({ object: 'list', data: names.map((name) => modelOf(call, name)) });
}

/** Answers `GET /v1/models/{id}`. */
export function oneModel(call: Call): void {
  const { model = '' } = call.params;
  call.send(modelOf(call, call.isTeam(model) ? model : call.ciNamed(model)));
}

function modelOf({ watchable }: Call, name: string): object {
  const ci = watchable.load(name);
  return {
    id: name,
    object: 'model',
    created: Math.floor((ci === undefined ? performance.timeOrigin : Date.now() - ci.ageMs) / 1_000),
    owned_by: 'choragus',
    ...(ci === undefined ? {} : { state: ci.state }),
  };
}
