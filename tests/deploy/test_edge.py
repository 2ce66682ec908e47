"""The edge, a real Caddy with our Caddyfile, routes as the ingress of Kubernetes is told to."""

import importlib.util
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from tools.cluster.children import free_port

from .conftest import ROOT, Check

CADDY = "caddy-2.11.4/caddy"


@contextmanager
def answering(name: str) -> Iterator[int]:
    """A service of that name: answers with it and with the address that it was asked for."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = f"{name} {self.path}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tools() -> Path:
    spec = importlib.util.spec_from_file_location("deploy_check", ROOT / "deploy/check.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Path(module.CACHE)


def ingress_paths() -> list[tuple[str, str, str]]:
    ingress = yaml.safe_load((ROOT / "deploy/k8s/base/ingress.yaml").read_text())
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    return [(each["path"], each["pathType"], each["backend"]["service"]["name"]) for each in paths]


@pytest.fixture
def edge(check: Check, tmp_path: Path) -> Iterator[str]:
    """Its address."""
    check("edge")  # installs Caddy, or skips
    caddy = tools() / CADDY
    adapt = [caddy, "adapt", "--config", ROOT / "deploy/compose/Caddyfile"]
    config = subprocess.run(adapt, capture_output=True, text=True, check=True).stdout
    port_of_edge = free_port()
    with ExitStack() as stack:
        for name in {name for _, _, name in ingress_paths()}:
            port = stack.enter_context(answering(name))
            config = config.replace(f'"dial":"{name}:8000"', f'"dial":"127.0.0.1:{port}"')
        config = config.replace('":8080"', f'"127.0.0.1:{port_of_edge}"')
        (tmp_path / "caddy.json").write_text(config)
        with (tmp_path / "caddy.log").open("w") as log:
            running = subprocess.Popen(
                [caddy, "run", "--config", tmp_path / "caddy.json"], stderr=log
            )
        try:
            await_port(port_of_edge)
            yield f"http://127.0.0.1:{port_of_edge}"
        finally:
            running.terminate()
            running.wait(timeout=10)


def await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with closing(socket.socket()) as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on {port}")


def test_the_edge_sends_each_address_where_the_ingress_does(edge: str) -> None:
    with httpx.Client(trust_env=False) as client:
        for path, kind, name in ingress_paths():
            asked = [path] if kind == "Exact" else [f"{path}/a/b?c=d"]
            asked += [path] if kind == "Prefix" and path != "/static" else []
            for address in asked:
                assert client.get(edge + address).text == f"{name} {address}"


def test_the_edge_lets_nobody_see_a_process_or_a_path_that_is_not_named(edge: str) -> None:
    with httpx.Client(trust_env=False) as client:
        for inward in ("/metrics", "/healthz", "/readyz", "/intakes", "/nobody/a"):
            assert client.get(edge + inward).status_code == 404
