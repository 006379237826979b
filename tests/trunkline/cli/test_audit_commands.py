"""The audit log on the command line: a file of one's own, continued and verified without the server."""

import asyncio
from pathlib import Path

from kernel.audit.sealer import AuditSealer
from tests.trunkline.cli.test_release_commands import Terminal, settings, terminal

__all__ = ["settings", "terminal"]


async def test_the_log_is_exported_continued_and_verified_offline(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "audit.ndjson"
    sealer = AuditSealer(terminal.management.kernel.database)
    await sealer.seal()
    assert "holds" in await terminal.done("audit", "export", str(file))
    first = file.read_text().splitlines()
    await terminal.management.app_with_secret("shop")
    await sealer.seal()
    await asyncio.to_thread(file.write_text, "\n".join(first) + "\n" + '{"id": "broken of')
    await terminal.done("audit", "export", str(file))
    whole = file.read_text().splitlines()
    assert (whole[: len(first)], len(whole) > len(first)) == (first, True)

    told = await terminal.done("audit", "verify", "--file", str(file))
    anchor = told.split("anchor ")[1].strip()
    assert anchor in await terminal.done("audit", "verify", "--anchor", anchor)
    cut = tmp_path / "cut.ndjson"
    await asyncio.to_thread(cut.write_text, "\n".join(whole[:-1]))
    await terminal.done("audit", "verify", "--file", str(cut))
    lost = await terminal.run("audit", "verify", "--file", str(cut), "--anchor", anchor)
    assert (lost.exit_code, "anchor" in lost.output) == (1, True)
    forged = tmp_path / "forged.ndjson"
    await asyncio.to_thread(forged.write_text, file.read_text().replace('"actor":"admin"', '"actor":"nobody"', 1))
    found = await terminal.run("audit", "verify", "--file", str(forged))
    assert (found.exit_code, "was changed" in found.output) == (1, True)
    rubbish = await terminal.run("audit", "verify", "--file", str(tmp_path / "none"))
    assert rubbish.exit_code == 1
