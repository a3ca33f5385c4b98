import { isObservable, type Observable } from 'rxjs';
import { wrongArgument } from '../errors/index.js';

/**
 * Returns what an operator is applied to, once it is known to be an Observable: of this copy of RxJS, or of another one.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function checkedSource<T>(operator: string, source: Observable<T>): Observable<T> {
  if (isSource(source)) return source;
  throw wrongArgument(operator, 'source', source, 'an Observable');
}

function isSource(source: unknown): boolean {
  try {
    return isObservable(source);
  } catch {
    // A getter, or a proxy.
    return false;
  }
}
