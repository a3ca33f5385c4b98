/** The six CIs, by their components' names. */
export const NAMES = ['apollo', 'athena', 'hermes', 'rhetor', 'metis', 'sophia'];

export const idOf = (name) => `${name}-ai`;
export const modelOf = (name) => `model-of-${name}`;
