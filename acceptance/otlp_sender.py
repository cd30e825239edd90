#!/usr/bin/env python3
"""A program that is measured by the OpenTelemetry SDK for Python (OTLP as protobuf, gzipped): it sends each second for some
time, and writes what was sent to a file, a JSON line for each point: name, kind, attributes, milliseconds, numbers."""

import json
import math
import sys
import time

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource


def numbers(point):
    """The numbers of a point by what they are."""
    if hasattr(point, "value"):
        return {"value": point.value}
    told = {"count": point.count, "sum": point.sum}
    if hasattr(point, "bucket_counts"):
        told.update(buckets=list(point.bucket_counts), bounds=list(point.explicit_bounds))
    return told


class Recording(OTLPMetricExporter):
    """Writes down what the receiver has taken."""

    def __init__(self, out, **how):
        super().__init__(**how)
        self.out = out

    def export(self, metrics_data, *arguments, **named):
        result = super().export(metrics_data, *arguments, **named)
        if result is not MetricExportResult.SUCCESS:
            print(json.dumps({"failed": str(result)}), file=self.out, flush=True)
            return result
        for metric in (metric for resource in metrics_data.resource_metrics for scope in resource.scope_metrics
                       for metric in scope.metrics):
            for point in metric.data.data_points:
                print(json.dumps({"name": metric.name, "attributes": dict(point.attributes),
                                  "ms": point.time_unix_nano // 1_000_000, **numbers(point)}), file=self.out)
        self.out.flush()
        return result


def main():
    endpoint, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    out = open(path, "w", encoding="utf-8")
    reader = PeriodicExportingMetricReader(Recording(out, endpoint=endpoint, compression=Compression.Gzip), 1000)
    provider = MeterProvider(
        resource=Resource.create({"service.name": "shop", "service.namespace": "python", "service.instance.id": "one",
                                  "deployment.environment.name": "test"}),
        metric_readers=[reader],
        views=[View(instrument_name="request.size", aggregation=ExponentialBucketHistogramAggregation())])
    meter = provider.get_meter("lapwing.acceptance", "1.0")
    orders = meter.create_counter("orders.placed", unit="1", description="Orders that were placed.")
    queue = meter.create_up_down_counter("queue.length", unit="{order}")
    waited = meter.create_histogram("wait.duration", unit="s", explicit_bucket_boundaries_advisory=[0.1, 0.5, 1, 5])
    size = meter.create_histogram("request.size", unit="By")
    meter.create_observable_gauge("room.temperature", [lambda _: [Observation(20 + math.sin(time.time()), {"room": "Küche"})]], unit="Cel")
    end, turn = time.time() + seconds, 0
    while time.time() < end:
        turn += 1
        for shop in range(20):
            attributes = {"shop.number": shop, "is open": shop % 2 == 0}
            orders.add(shop + 1, attributes)
            queue.add((-1) ** turn, attributes)
            waited.record((turn * 7 + shop) % 60 / 10, attributes)
            size.record(1.5 ** (turn % 40) * (shop + 1), attributes)
        time.sleep(0.1)
    provider.shutdown()


if __name__ == "__main__":
    main()
