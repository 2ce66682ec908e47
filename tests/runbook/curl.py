"""What a machine without curl runs in its place: as much of it as the runbook uses. No test stands here."""

import argparse
import urllib.request


def main() -> None:
    """Ask once, and print what is answered."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-X", default="GET")
    parser.add_argument("url")
    given = parser.parse_args()
    headers = {name: value.strip() for name, _, value in (one.partition(":") for one in given.H)}
    asked = urllib.request.Request(given.url, headers=headers, method=given.X)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=30) as answer:
        print(answer.read().decode())


if __name__ == "__main__":
    main()
