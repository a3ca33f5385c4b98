/** A constant, because a bundle has no `package.json` to read. A test compares the two. */
const VERSION = '0.1.0';

/** Returns the version of this package. */
export function packageVersion(): string {
  return VERSION;
}
