"""The servers that are compared: how each is started, and how `lapwing bench` is run against it."""

import os
import subprocess

import programs


class Kind:
    """A kind of server. `flags` are filled with config, data and address; `first` is the name that it is called by."""

    def __init__(self, name, binary, flags, ready="/-/ready", first=None):
        self.name, self.binary, self.flags, self.ready, self.first = name, os.path.abspath(binary), flags, ready, first

    def there(self):
        return os.access(self.binary, os.X_OK)

    def server(self, folder, config, turn):
        return Server(self, folder, config, turn)


class Server(programs.Server):
    """One life of a server: a port, a data directory, a log."""

    def __init__(self, kind, folder, config, turn):
        super().__init__("%s-%d" % (kind.name, turn), kind.binary, folder, config)
        self.kind = kind
        if kind.first:
            links = folder.join("links")
            os.makedirs(links, exist_ok=True)
            self.binary = os.path.join(links, kind.first)
            if not os.path.lexists(self.binary):
                os.symlink(kind.binary, self.binary)

    def arguments(self):
        return [self.binary] + [flag.format(config=self.config, data=self.data, address=self.address) for flag in self.kind.flags]

    def start(self):
        self.launch()
        programs.wait_for(self.url + self.kind.ready, self.program)
        return self

    @property
    def pid(self):
        return self.program.process.pid

    def bytes_resident(self):
        """Resident bytes now, and at most so far."""
        with open("/proc/%d/status" % self.pid, encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
        return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def remove(self):
        """Ends it and takes its data away."""
        if self.program:
            self.program.kill()
        subprocess.run(["rm", "-rf", self.data], check=False)


def metrics(options):
    """The servers of samples that are there; Lapwing first."""
    own = ["--config.file={config}", "--storage.tsdb.path={data}", "--web.listen-address={address}",
           "--web.enable-remote-write-receiver"]
    peers = options.peers + "/usr/bin/"
    kinds = [
        Kind("lapwing", options.lapwing, own),
        Kind("prometheus", peers + "prometheus", own),
        Kind("victoriametrics", peers + "victoria-metrics",
             ["-storageDataPath={data}", "-httpListenAddr={address}", "-retentionPeriod=100y", "-search.disableCache",
              "-search.latencyOffset=0", "-search.maxUniqueTimeseries=10000000", "-promscrape.config={config}",
              "-promscrape.config.strictParse=false"],
             ready="/health")]
    return chosen(options, kinds)


def alertmanagers(options):
    """The servers of alerts that are there; Lapwing first."""
    flags = ["--config.file={config}", "--storage.path={data}", "--web.listen-address={address}", "--cluster.listen-address="]
    return chosen(options, [
        Kind("lapwing", options.lapwing, flags, first="alertmanager"),
        Kind("alertmanager", options.peers + "/usr/bin/prometheus-alertmanager", flags)])


def chosen(options, kinds):
    found = [kind for kind in kinds if kind.name in options.only.split(",") and kind.there()]
    if not found or found[0].name != "lapwing":
        raise programs.Failure("no program at " + options.lapwing)
    return found


def command(options, name, *flags):
    return programs.bench_command(options.lapwing, name, *flags)


def bench(options, name, *flags):
    """Runs a benchmark; its JSON, in which `rows` are by name."""
    return programs.bench(options.lapwing, name, *flags)
