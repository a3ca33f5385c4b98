/**
 * Whether a value bears to be looked at: valibot asks for its class when it describes what is wrong, and a proxy may throw at that.
 */
export function canBeShown(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return true;
  try {
    void (Object.getPrototypeOf(value) as object | null)?.constructor?.name;
    return true;
  } catch {
    return false;
  }
}
