/** Calls of the original's functions, and in which fields of the results, and why, Choragus differs. */
export interface Case {
  readonly name: string;
  readonly calls: readonly { readonly call: string; readonly args: Readonly<Record<string, unknown>> }[];
  readonly script: readonly (readonly unknown[])[];
  readonly differs: Readonly<Record<string, string>>;
  readonly isAboutReuse: boolean;
}

export const cases: readonly Case[];
export const commit: string;
export const why: Readonly<Record<string, string>>;
