"""The parts of the package's metadata that depend on the project's address."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?\[[^]]*\]\()(?!https?:|#|mailto:)([^)]+\))")


class AddressHook(MetadataHookInterface):
    """Set `readme` and `urls` from `address`, the setting in pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Make the README's links absolute: a package index has no other files."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        address = self.config["address"].rstrip("/")
        metadata["urls"] = {}
        if address:
            text = _LINK.sub(rf"\1{address}/blob/main/\2", text)
            metadata["urls"] = {
                "Homepage": address,
                "Changelog": f"{address}/blob/main/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
