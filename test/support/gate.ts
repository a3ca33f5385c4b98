/** A promise that the test settles. */
export class Gate<T = void> {
  readonly opened: Promise<T>;
  open!: (value: T) => void;
  fail!: (error: Error) => void;

  constructor() {
    this.opened = new Promise<T>((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
  }
}
