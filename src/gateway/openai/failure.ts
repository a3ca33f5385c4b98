import type { Fault } from '../refusal.js';

/** Returns the body of a failed request, as the API has it; `code` and `delivery` are those of `ChoragusError`. */
export function failureOf({ status, code, delivery, message, param }: Fault): object {
  return { error: { message, type: typeOf(status), param: param ?? null, code, delivery } };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
