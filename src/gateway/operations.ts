import { prometheusText } from '../prometheus/index.js';
import type { Call } from './call.js';
import type { Dialect, Route } from './dialect.js';
import type { Fault } from './refusal.js';
import { endResponse } from './respond.js';
import type { Tally } from './tally.js';

/** The routes for those who run the gateway: health and metrics. */
export class Operations implements Dialect {
  readonly name = 'operations';
  readonly #tally: Tally;
  isDraining = false;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  routes(): readonly Route[] {
    return [
      // Whoever probes it has no key; it tells only whether it answers.
      { method: 'GET', path: '/healthz', isOpen: true, answer: (call) => call.send({ status: 'ok' }) },
      { method: 'GET', path: '/readyz', isOpen: true, answer: (call) => this.#ready(call) },
      { method: 'GET', path: '/metrics', answer: (call) => this.#metrics(call) },
    ];
  }

  failure({ code, delivery, message }: Fault): object {
    return { error: { message, code, delivery } };
  }

  /** Ready is a gateway that takes requests, and has a CI that is not known to be down. */
  #ready(call: Call): void {
    const { state, cis } = call.watchable;
    if (this.isDraining || state !== 'running') return call.send({ status: 'closing' }, 503);
    const isUp = cis.some((ci) => call.watchable.load(ci)?.downSince === undefined);
    call.send({ status: isUp ? 'ready' : 'no CI is up', cis: cis.length }, isUp ? 200 : 503);
  }

  async #metrics(call: Call): Promise<void> {
    const text = await prometheusText(call.pool);
    if (call.isOver) return;
    call.response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    endResponse(call.response, text + this.#ownText());
  }

  #ownText(): string {
    const { inFlight, ended } = this.#tally;
    const lines = [
      '# HELP choragus_gateway_requests_in_flight Requests of clients that the gateway has not answered yet.',
      '# TYPE choragus_gateway_requests_in_flight gauge',
      `choragus_gateway_requests_in_flight ${inFlight}`,
      '# HELP choragus_gateway_requests_total Requests of clients that have ended, by protocol and outcome: ok, left (the client did not wait), or the code of the failure.',
      '# TYPE choragus_gateway_requests_total counter',
      ...[...ended.values()].map(
        ({ dialect, outcome, count }) =>
          `choragus_gateway_requests_total{dialect="${dialect}",outcome="${outcome}"} ${count}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}
