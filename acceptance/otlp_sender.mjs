// A program that is measured by the OpenTelemetry SDK for JavaScript (OTLP as JSON or protobuf): it sends each second for some
// time, and writes what was sent to a file, a JSON line for each point: name, attributes, milliseconds, numbers.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, form, url, path, seconds] = process.argv;
const require = createRequire(modules + "/");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { AggregationType, MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const { OTLPMetricExporter } = require(
  form === "json" ? "@opentelemetry/exporter-metrics-otlp-http" : "@opentelemetry/exporter-metrics-otlp-proto");

const out = fs.openSync(path, "w");
const write = (told) => fs.writeSync(out, JSON.stringify(told) + "\n");

function numbers(value) {
  if (typeof value === "number") return { value };
  const told = { count: value.count, sum: value.sum };
  if (value.buckets) Object.assign(told, { buckets: value.buckets.counts, bounds: value.buckets.boundaries });
  return told;
}

class Recording extends OTLPMetricExporter {
  export(metrics, done) {
    // Read before it is sent: the SDK uses its memory again.
    const points = metrics.scopeMetrics.flatMap((scope) => scope.metrics.flatMap((metric) => metric.dataPoints.map((point) => ({
      name: metric.descriptor.name, attributes: { ...point.attributes },
      ms: point.endTime[0] * 1000 + Math.floor(point.endTime[1] / 1e6), ...structuredClone(numbers(point.value)) }))));
    super.export(metrics, (result) => {
      if (result.code === 0) points.forEach(write);
      else write({ failed: String(result.error) });
      done(result);
    });
  }
}

const reader = new PeriodicExportingMetricReader({ exporter: new Recording({ url }), exportIntervalMillis: 1000 });
const provider = new MeterProvider({
  resource: resourceFromAttributes({
    "service.name": "shop", "service.namespace": form, "service.instance.id": "two", "deployment.environment.name": "test" }),
  readers: [reader],
  views: [{ instrumentName: "request.size", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
});
const meter = provider.getMeter("lapwing.acceptance", "1.0");
const orders = meter.createCounter("orders.placed", { unit: "1", description: "Orders that were placed." });
const queue = meter.createUpDownCounter("queue.length", { unit: "{order}" });
const waited = meter.createHistogram("wait.duration", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 0.5, 1, 5] } });
const size = meter.createHistogram("request.size", { unit: "By" });
meter.createObservableGauge("room.temperature", { unit: "Cel" })
  .addCallback((result) => result.observe(20 + Math.sin(Date.now() / 1000), { room: "Küche" }));

let turn = 0;
const timer = setInterval(() => {
  turn += 1;
  for (let shop = 0; shop < 20; shop++) {
    const attributes = { "shop.number": shop, "is open": shop % 2 === 0 };
    orders.add(shop + 1, attributes);
    queue.add(turn % 2 ? -1 : 1, attributes);
    waited.record(((turn * 7 + shop) % 60) / 10, attributes);
    size.record(1.5 ** (turn % 40) * (shop + 1), attributes);
  }
}, 100);
setTimeout(async () => {
  clearInterval(timer);
  await provider.shutdown();
}, seconds * 1000);
