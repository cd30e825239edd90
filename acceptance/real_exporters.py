"""The real exporters and the programs that they watch, each on the loopback interface, in the folder of the run."""

import os
import shutil
import subprocess
import tempfile
import urllib.request

import programs

NGINX = """daemon off;
master_process off;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx-error.log;
events {}
http {
  access_log off;
  client_body_temp_path %(folder)s/nginx-body;
  proxy_temp_path %(folder)s/nginx-proxy;
  fastcgi_temp_path %(folder)s/nginx-fastcgi;
  uwsgi_temp_path %(folder)s/nginx-uwsgi;
  scgi_temp_path %(folder)s/nginx-scgi;
  server { listen 127.0.0.1:%(port)d; location / { return 200 "well\\n"; } location /status { stub_status; } }
}
"""
HAPROXY = """global
  maxconn 100
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:%(port)d
  stats enable
  stats uri /stats
  default_backend behind
backend behind
  server one 127.0.0.1:%(behind)d check
"""
BLACKBOX = "modules: {http_2xx: {prober: http, timeout: 3s}, tcp_connect: {prober: tcp, timeout: 3s}}\n"
PUSHED = b"""# HELP job_last_success_seconds When the job was last done.
# TYPE job_last_success_seconds gauge
job_last_success_seconds 1.7e9
# TYPE job_rows_total counter
job_rows_total{table="a b",kind="\\"quoted\\""} 17
# TYPE job_seconds histogram
job_seconds_bucket{le="1"} 3
job_seconds_bucket{le="+Inf"} 4
job_seconds_sum 5.5
job_seconds_count 4
"""


def address():
    return "%s:%d" % (programs.LOOPBACK, programs.free_port())


def port(of):
    return int(of.rsplit(":", 1)[1])


def need(name):
    """The path of an installed program."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise programs.Failure("%s is not installed" % name)
    return path


def run(name, arguments, folder, **how):
    return programs.Program(name, arguments, folder.join(name + ".log"), **how)


def exporter(peers, name, folder, flags, at=None, path="/metrics", **how):
    """Starts an exporter and waits until it answers; returns its address."""
    at = at or address()
    binary = os.path.join(peers, "usr", "bin", "prometheus-" + name)
    if not os.access(binary, os.X_OK):
        raise programs.Failure("no program at " + binary)
    program = run(name, [binary, *[flag % at if "%s" in flag else flag for flag in flags]], folder, **how)
    programs.wait_for("http://%s%s" % (at, path), program)
    return at


def postgres(peers, folder):
    """PostgreSQL refuses to run as root: it gets a folder and a user of its own."""
    binaries = os.path.dirname(os.path.realpath(need("postgres")))
    home = tempfile.mkdtemp(prefix="acceptance-postgres-")
    programs.atexit.register(shutil.rmtree, home, ignore_errors=True)
    own = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if own:
        shutil.chown(home, "postgres", "postgres")
    data = os.path.join(home, "data")
    subprocess.run([binaries + "/initdb", "-D", data, "-A", "trust", "-U", "watcher"], check=True, stdout=subprocess.DEVNULL,
                   cwd=home, **own)
    at = address()
    program = run("postgresql", [binaries + "/postgres", "-D", data, "-h", programs.LOOPBACK, "-p", str(port(at)), "-k", home],
                  folder, cwd=home, **own)
    programs.wait_until("postgres takes connections", lambda: subprocess.run(
        [binaries + "/pg_isready", "-q", "-h", programs.LOOPBACK, "-p", str(port(at))], check=False).returncode == 0, 30)
    if not program.running():
        raise programs.Failure("PostgreSQL ended:\n" + program.log_tail())
    environment = dict(os.environ, DATA_SOURCE_NAME="postgresql://watcher@%s/postgres?sslmode=disable" % at)
    return exporter(peers, "postgres-exporter", folder, ["--web.listen-address=%s"], env=environment)


def mysqld(peers, folder):
    data, at = folder.join("mariadb"), address()
    root = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run([need("mariadb-install-db"), "--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal",
                    "--skip-test-db", *root], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("mariadbd", [need("mariadbd"), "--no-defaults", "--datadir=" + data, "--port=%d" % port(at),
                     "--bind-address=" + programs.LOOPBACK, "--socket=" + folder.join("mariadb.sock"),
                     "--pid-file=" + folder.join("mariadb.pid"), *root], folder)
    programs.wait_until("MariaDB listens", lambda: os.path.exists(folder.join("mariadb.sock")), 30)
    settings = folder.write("my.cnf", "[client]\nuser=root\npassword=none\nsocket=%s\n" % folder.join("mariadb.sock"))
    subprocess.run([need("mariadb"), "--no-defaults", "--socket=" + folder.join("mariadb.sock"), "-uroot", "-e",
                    "ALTER USER root@localhost IDENTIFIED BY 'none'"], check=True)
    return exporter(peers, "mysqld-exporter", folder, ["--web.listen-address=%s", "--config.my-cnf=" + settings])


def redis(peers, folder):
    at = address()
    run("redis", [need("redis-server"), "--bind", programs.LOOPBACK, "--port", str(port(at)), "--save", "", "--dir", folder.path],
        folder)
    return exporter(peers, "redis-exporter", folder, ["-web.listen-address=%s", "-redis.addr=redis://" + at])


def nginx(folder):
    """Starts nginx; returns its address."""
    at = address()
    text = NGINX % {"folder": folder.path, "port": port(at)}
    program = run("nginx", [need("nginx"), "-c", folder.write("nginx.conf", text), "-e", folder.join("nginx-start.log")], folder)
    programs.wait_for("http://%s/" % at, program)
    return at


def haproxy(peers, folder, behind):
    at = address()
    text = HAPROXY % {"port": port(at), "behind": port(behind)}
    program = run("haproxy", [need("haproxy"), "-db", "-f", folder.write("haproxy.cfg", text)], folder)
    programs.wait_for("http://%s/stats" % at, program)
    return exporter(peers, "haproxy-exporter", folder,
                    ["--web.listen-address=%s", "--haproxy.scrape-uri=http://" + at + "/stats;csv"])


def pushgateway(peers, folder):
    at = exporter(peers, "pushgateway", folder, ["--web.listen-address=%s"])
    request = urllib.request.Request("http://%s/metrics/job/nightly/instance/x" % at, PUSHED, method="PUT")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        answer.read()
    return at


def start_all(peers, folder):
    """Starts ten of them; returns [{job, address, path, params}]."""
    web = nginx(folder)
    idle = folder.write("idle.yml", "global: {}\n")
    receivers = folder.write("alertmanager.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
    blackbox = exporter(peers, "blackbox-exporter", folder,
                        ["--web.listen-address=%s", "--config.file=" + folder.write("blackbox.yml", BLACKBOX)])
    watched = programs.Server("watched", os.path.join(peers, "usr", "bin", "prometheus"), folder, idle).start()
    return [
        {"job": "node", "address": exporter(peers, "node-exporter", folder, ["--web.listen-address=%s"])},
        {"job": "blackbox", "address": blackbox, "path": "/probe",
         "params": {"module": ["http_2xx"], "target": ["http://%s/" % web]}},
        {"job": "postgres", "address": postgres(peers, folder)},
        {"job": "redis", "address": redis(peers, folder)},
        {"job": "nginx", "address": exporter(peers, "nginx-exporter", folder,
                                             ["--web.listen-address=%s", "--nginx.scrape-uri=http://" + web + "/status"])},
        {"job": "haproxy", "address": haproxy(peers, folder, web)},
        {"job": "mysqld", "address": mysqld(peers, folder)},
        {"job": "pushgateway", "address": pushgateway(peers, folder)},
        {"job": "prometheus", "address": watched.address},
        {"job": "alertmanager", "address": exporter(
            peers, "alertmanager", folder,
            ["--web.listen-address=%s", "--config.file=" + receivers, "--storage.path=" + folder.join("alertmanager"),
             "--cluster.listen-address="])},
    ]
