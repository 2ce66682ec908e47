"""``python -m tools.restore_keys`` erases again, in a restored key store, what was erased since its backup.

The log says which cases were erased. It also says which cases have lost their key: what was written about
them under it cannot be read again by anybody. It makes no key and reads none.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from libs.events.envelope import BadEnvelope, read_attributes
from libs.events.intake import CaseRegistered
from libs.host.settings import Settings
from libs.log.port import LogUnavailable, WrongTopic
from libs.log.scan import open_scan
from libs.log.topics import RESTRICTED
from libs.sourcing.database import TRANSIENT, open_database
from libs.vault.contact import ENDING
from libs.vault.keys import Vault, WrongMasterKey, keys, read_master_key
from services.list import all_services

SHREDS = {
    event.type(): key_ids
    for service in all_services()
    for event, key_ids in service.shreds.items()
}


def main(words: Sequence[str] | None = None) -> int:
    """0: the key store is as erased as the log says; 1: the log or the store cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m tools.restore_keys", description=__doc__)
    parser.add_argument("--realm", default="", choices=["", RESTRICTED])
    settings = Settings().in_realm(parser.parse_args(words).realm)
    try:
        asyncio.run(restore(settings))
    except (LogUnavailable, WrongTopic, WrongMasterKey, OSError, *TRANSIENT) as error:
        print(f"Not done: {error}", file=sys.stderr)
        return 1
    return 0


async def restore(settings: Settings) -> None:
    """Erase again, and count what is lost."""
    registered, destroyed = await _read(settings)
    master = read_master_key(settings.master_key_file, False)
    database = open_database(settings.vault_address())
    vault = Vault(database, master, settings.realm or "normal")
    try:
        vault.prepare()
        with database.read() as db:
            found = db.execute(sa.select(keys.c.case_id, keys.c.wrapped.is_(None)))
            gone = {key_id: bool(without) for key_id, without in found}
        again = sorted(key_id for key_id in destroyed if not gone.get(key_id))
        vault.destroy(again, datetime.now(UTC))
    finally:
        vault.close()
    erased = registered & destroyed
    lost = sorted(registered - destroyed - gone.keys())
    whole = len(erased.intersection(again))
    print(f"{len(erased)} cases were erased; {whole} of them had to be erased again.")
    names = len([key_id for key_id in again if key_id.endswith(ENDING)])
    print(f"{names} keys of names and numbers had to be destroyed again.")
    print(f"{len(lost)} cases have no key: what was written under it is lost for ever.")
    for case_id in lost:
        print(f"  {case_id}")


async def _read(settings: Settings) -> tuple[set[str], set[str]]:
    """Every case that was registered, and every key that was destroyed."""
    registered: set[str] = set()
    destroyed: set[str] = set()
    topic = settings.topics().case_events
    scan = await open_scan(settings.log_url)
    try:
        async for records in scan.read(topic, {}, await scan.ends(topic)):
            for record in records:
                try:
                    attributes = read_attributes(record.headers)
                except (BadEnvelope, UnicodeDecodeError):
                    continue
                if attributes.type == CaseRegistered.type():
                    registered.add(attributes.case_id)
                elif attributes.type in SHREDS:
                    destroyed.update(SHREDS[attributes.type](attributes.case_id))
    finally:
        await scan.close()
    return registered, destroyed


if __name__ == "__main__":
    sys.exit(main())
