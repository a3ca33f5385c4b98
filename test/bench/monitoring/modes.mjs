/** The ways in which a service is scraped, each second. `named`: each CI has series of its own. `default`: 200 have, and the others are summed. */
export const modes = ['off', 'default', 'named'];
