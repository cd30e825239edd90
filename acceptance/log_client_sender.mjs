// Writes numbered lines, those of the file LINES, through a JavaScript library: the OpenTelemetry SDK (`json` or `proto`),
// `winston` (winston-loki, protobuf or JSON) or `pino` (pino-loki, JSON).
//
//     node log_client_sender.mjs MODULES WAY URL LINES
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, way, url, file] = process.argv;
const require = createRequire(modules + "/");
const lines = fs.readFileSync(file, "utf8").split("\n").filter((line) => line).map((line) => JSON.parse(line));
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

async function each(write) {
  for (const [number, line] of lines.entries()) {
    write(line, number);
    if (number % 200 === 0) await rest(20);
  }
}

async function otlp(form) {
  const { resourceFromAttributes } = require("@opentelemetry/resources");
  const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
  const { OTLPLogExporter } = require(
    form === "json" ? "@opentelemetry/exporter-logs-otlp-http" : "@opentelemetry/exporter-logs-otlp-proto");
  const exporter = new OTLPLogExporter({ url, compression: form === "json" ? "none" : "gzip" });
  const settings = { maxQueueSize: 1 << 20, scheduledDelayMillis: 200 };
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "otlp-" + form, "service.namespace": "clients", "host.arch": "any" }),
    processors: [new BatchLogRecordProcessor({ exporter, ...settings })],
  });
  const logger = provider.getLogger("lapwing.acceptance", "1.0");
  await each((body, number) => logger.emit({
    body, severityNumber: 13, severityText: "WARN", attributes: { "shop.number": number % 7, nested: { a: [1, "b"] } } }));
  await provider.forceFlush();
  await provider.shutdown();
}

async function winston(json) {
  const { createLogger, format } = require("winston");
  const LokiTransport = require("winston-loki");
  const host = new URL(url).origin;
  let failed = 0;
  const transport = new LokiTransport({
    host, json, interval: 0.2, labels: { job: json ? "winston-json" : "winston-protobuf" }, useWinstonMetaAsLabels: false,
    format: format.printf((info) => info.message), onConnectionError: (error) => { failed += 1; console.error(error); } });
  const logger = createLogger({ level: "info", transports: [transport] });
  await each((line) => logger.info(line));
  await transport.flush();
  await rest(500);
  process.exit(failed ? 1 : 0);
}

async function pino() {
  const pino = require("pino");
  const transport = pino.transport({
    target: require.resolve("pino-loki"),
    options: { host: new URL(url).origin, labels: { job: "pino-loki" }, batching: { interval: 1 }, silenceErrors: false } });
  const logger = pino({ base: null }, transport);
  await each((line) => logger.info(line));
  await rest(3000);
  transport.end();
  await rest(1000);
}

const ways = {
  json: () => otlp("json"), proto: () => otlp("proto"), "winston-json": () => winston(true),
  "winston-protobuf": () => winston(false), pino };
await ways[way]();
