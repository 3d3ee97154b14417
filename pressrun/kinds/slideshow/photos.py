"""The source pictures of an item: as its spec describes them, and as they lie in the vault."""

from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.ledger.vault import Vault
from pressrun.pictures.picture import Picture

#: In a spec: the main photo of the product, and the others where there are some.
_MAIN, _OTHERS = "product", "other_photos"

PictureSpec = dict[str, Any]


def kept(picture: Picture, vault: Vault) -> PictureSpec:
    """Puts a source picture's bytes into the vault, and describes the picture for a spec."""
    return {
        "sha256": vault.put(picture.data, "source"),
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
    }


def source_picture(vault: Vault, entry: Mapping[str, Any]) -> Picture:
    """Reads a source picture that a spec describes; raises VaultError where it is gone."""
    return Picture(vault.get(entry["sha256"]), entry["media_type"], entry["width"], entry["height"])


def photo_spec(photos: Sequence[PictureSpec]) -> dict[str, Any]:
    """Gives the part of a spec that describes the photos of a product, the main one first."""
    main, *others = photos
    return {_MAIN: main} | ({_OTHERS: others} if others else {})


def product_photos(spec: Mapping[str, Any]) -> list[PictureSpec]:
    """Lists the photos of a product that a spec describes, the main one first."""
    return [spec[_MAIN], *spec.get(_OTHERS, ())]


def without_photos(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a spec without the photos of its product."""
    return {name: value for name, value in spec.items() if name not in (_MAIN, _OTHERS)}
