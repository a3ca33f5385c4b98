/**
 * The components of the original platform, with the port of each at the default `TEKTON_PORT_BASE`.
 *
 * The CI of a component listens on another port: `TEKTON_AI_PORT_BASE` + (the component's port - `TEKTON_PORT_BASE`).
 */
export const components = Object.freeze({
  engram: 8000,
  hermes: 8001,
  ergon: 8002,
  rhetor: 8003,
  terma: 8004,
  athena: 8005,
  prometheus: 8006,
  harmonia: 8007,
  telos: 8008,
  synthesis: 8009,
  tekton_core: 8010,
  metis: 8011,
  apollo: 8012,
  penia: 8013,
  sophia: 8014,
  noesis: 8015,
  numa: 8016,
  hephaestus: 8080,
} as const);

/** The name of a component, and of its CI. */
export type ComponentName = keyof typeof components;
