"""What scripts are to the server under test: targets that it scrapes, receivers that it tells."""

import http.server
import threading

import programs


class Listener:
    """Answers on a free port of loopback until the script ends: a GET with the status, the text or bytes, and the content type if it is
    another one, that `scraped(path)` gives, a POST with 200 once `told(path, body)` has taken it."""

    def __init__(self, scraped=None, told=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(*scraped(self.path))

            def do_POST(self):
                told(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                self.answer(200, "")

            def answer(self, status, text, kind="text/plain; version=0.0.4"):
                body = text if isinstance(text, bytes) else text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 4096

            def handle_error(self, *_):
                pass  # a client that was killed

        server = Server((programs.LOOPBACK, 0), Handler)
        self.address = "%s:%d" % (programs.LOOPBACK, server.server_address[1])
        self.url = "http://%s/" % self.address
        threading.Thread(target=server.serve_forever, daemon=True).start()
