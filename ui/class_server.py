"""The app for a class on the local network: `python -m ui.class_server`, or `make class`.

Opens one address of this machine on purpose, for this host name alone, and says so. `streamlit run app.py`
alone opens the app for this machine only.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ELSEWHERE = ("192.0.2.1", 9)  # an address for documentation; nothing is sent to it


def lan_address() -> str | None:
    """This machine's address on the network it would use; None where it is on no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def command(address: str, port: int) -> list[str]:
    """What starts the app there."""
    return [
        sys.executable, "-m", "streamlit", "run", str(PROJECT / "app.py"), "--server.address", address,
        "--server.allowedHosts", address, "--server.port", str(port), "--browser.serverAddress", address,
    ]  # fmt: skip


def opened(address: str, port: int) -> str:
    """What a teacher should know of it."""
    return (
        f"The app is open to everybody on this network, at this address alone:\n\n"
        f"    http://{address}:{port}\n\n"
        "Open it on this machine, too, press Share on a page, and show the class the QR code.\n"
        "Everybody who opens it can play games of their own here. Stop it with Ctrl-C.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ui.class_server", description=__doc__)
    parser.add_argument("--address", help="of this machine, or its name; otherwise what its network gives")
    parser.add_argument("--port", type=int, default=8501)
    asked = parser.parse_args()
    address = asked.address or lan_address()
    if address is None:
        sys.exit("This machine is on no network. Join one, or name an address of it: --address ADDRESS")
    print(opened(address, asked.port), flush=True)
    os.chdir(PROJECT)  # Streamlit reads .streamlit/config.toml there
    if sys.platform == "win32":
        import subprocess

        sys.exit(subprocess.call(command(address, asked.port)))  # noqa: S603
    os.execv(sys.executable, command(address, asked.port))  # noqa: S606


if __name__ == "__main__":
    main()
