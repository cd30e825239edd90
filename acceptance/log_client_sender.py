#!/usr/bin/env python3
"""Writes numbered lines through a Python library: `otlp` (the OpenTelemetry SDK, protobuf, gzipped) or `handler`
(python-logging-loki, a request a line).

    log_client_sender.py WAY URL COUNT
"""

import logging
import sys
import time

import log_lines


def otlp(url, count):
    from opentelemetry._logs import SeverityNumber
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    provider = LoggerProvider(resource=Resource.create({
        "service.name": "otlp-python", "service.namespace": "clients", "host.arch": "any"}))
    exporter = OTLPLogExporter(endpoint=url, compression=Compression.Gzip)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, schedule_delay_millis=200, max_queue_size=1 << 20))
    logger = provider.get_logger("lapwing.acceptance", "1.0")
    for number in range(count):
        logger.emit(timestamp=time.time_ns(), observed_timestamp=time.time_ns(), severity_number=SeverityNumber.WARN,
                    severity_text="WARN", body=log_lines.line(number), attributes={"shop.number": number % 7})
        if number % 200 == 0:
            time.sleep(0.05)
    provider.force_flush()
    provider.shutdown()


def handler(url, count):
    import logging_loki

    logger = logging.getLogger("clients")
    logger.setLevel(logging.INFO)
    logger.addHandler(logging_loki.LokiHandler(url=url, tags={"job": "python-logging-loki"}, version="1"))
    for number in range(count):
        logger.info(log_lines.line(number))


if __name__ == "__main__":
    {"otlp": otlp, "handler": handler}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
