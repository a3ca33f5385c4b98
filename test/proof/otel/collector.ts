import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A value of OTLP in JSON. */
interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
}

type KeyValues = readonly { readonly key: string; readonly value: AnyValue }[];

/** A span as OTLP sends it. */
export interface ExportedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: KeyValues;
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code?: number };
}

/** A metric as OTLP sends it. */
export interface ExportedMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: {
    readonly isMonotonic: boolean;
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly Point[];
  };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly aggregationTemporality: number; readonly dataPoints: readonly HistogramPoint[] };
}

interface Point {
  readonly attributes: KeyValues;
  readonly asInt?: number | string;
  readonly asDouble?: number;
}

interface HistogramPoint {
  readonly attributes: KeyValues;
  readonly count: number | string;
  readonly sum: number;
  readonly bucketCounts: readonly (number | string)[];
  readonly explicitBounds: readonly number[];
}

interface Payload {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly ExportedSpan[];
    }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly ExportedMetric[];
    }[];
  }[];
}

/** A collector of OTLP over HTTP: it takes JSON, and keeps what its scope `choragus` sent. */
export class Collector implements AsyncDisposable {
  readonly spans: ExportedSpan[] = [];
  metrics: readonly ExportedMetric[] = [];
  /** The status of the answers. */
  status = 200;
  requests = 0;
  readonly #server = http.createServer((request, response) => void this.#take(request, response));

  static async listen(): Promise<Collector> {
    const collector = new Collector();
    collector.#server.listen(0, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  url(signal: 'traces' | 'metrics'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/${signal}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    this.requests += 1;
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text) as Payload;
    for (const { scopeSpans } of resourceSpans) {
      for (const { scope, spans } of scopeSpans) if (scope.name === 'choragus') this.spans.push(...spans);
    }
    const scopes = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
    if (scopes.length > 0) {
      this.metrics = scopes.filter(({ scope }) => scope.name === 'choragus').flatMap(({ metrics }) => metrics);
    }
    response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
  }
}

/** Returns attributes as an object. */
export function attributesOf(attributes: KeyValues): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: AnyValue): unknown {
  if (arrayValue !== undefined) return arrayValue.values.map(plainValue);
  return stringValue ?? doubleValue ?? boolValue ?? Number(intValue);
}
