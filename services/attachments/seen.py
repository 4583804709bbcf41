"""What can be told in words of files: what pictures show, as a model said once, and how texts begin."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.files.names import PICTURES, is_text
from services.files.store import FileStore
from services.store.models import Attachment, PictureWords

TEXTS_TOLD = 8
TEXT_CHARACTERS = 4_000
NOT_SEEN = "Nobody has looked at it."
NO_TEXT = "It is no text; what it holds is not told here."


@dataclass(frozen=True)
class Told:
    """A file as it may be told: `words` in its place, or `why_not`, a sentence. `size` is in bytes."""

    name: str
    media_type: str
    size: int
    description: str
    words: str
    why_not: str
    picture: bool
    sha256: str


async def told(
    session: AsyncSession, rows: Sequence[Attachment], store: FileStore, why_not: Mapping[str, str] | None = None
) -> list[Told]:
    """Each file in its order. `why_not` says of pictures, by their hash, why there are no words."""
    seen = await picture_words(session, [row.sha256 for row in rows if is_picture(row)])
    texts = 0
    found: list[Told] = []
    for row in rows:
        words, reason = "", ""
        if is_picture(row):
            words = seen.get(row.sha256, "")
            reason = "" if words else (why_not or {}).get(row.sha256, NOT_SEEN)
        elif texts < TEXTS_TOLD:
            words = await asyncio.to_thread(_beginning, store, row.sha256)
            texts, reason = texts + bool(words), "" if words else NO_TEXT
        else:
            reason = f"Only the first {TEXTS_TOLD} texts are told."
        one = Told(
            name=row.name, media_type=row.media_type, size=row.size, description=row.description, words=words,
            why_not=reason, picture=is_picture(row), sha256=row.sha256,
        )  # fmt: skip
        found.append(one)
    return found


async def picture_words(session: AsyncSession, hashes: Sequence[str]) -> dict[str, str]:
    """What was said of pictures before, by hash."""
    if not hashes:
        return {}
    query = sa.select(PictureWords.sha256, PictureWords.words).where(PictureWords.sha256.in_(hashes))
    return {row[0]: row[1] for row in await session.execute(query)}


async def keep_words(session: AsyncSession, sha256: str, words: str, model: str) -> None:
    """The first that were said stand."""
    if await session.get(PictureWords, sha256) is None:
        session.add(PictureWords(sha256=sha256, words=words, model=model))
        await session.flush()


def is_picture(row: Attachment) -> bool:
    return row.media_type in PICTURES


def as_text(files: Sequence[Told], seen_by_itself: frozenset[str] = frozenset()) -> str:
    """For a prompt: each file with what is known of it. `seen_by_itself`: the hashes of pictures that go along."""
    return "\n\n".join(_block(one, one.sha256 in seen_by_itself) for one in files)


def _block(file: Told, goes_along: bool) -> str:
    note = f": {file.description}" if file.description else ""
    head = f"## {file.name} ({file.media_type}, {file.size} bytes){note}"
    if goes_along:
        return f"{head}\nThe picture goes with this prompt."
    if file.picture:
        return (
            f"{head}\n{f'It shows: {file.words}' if file.words else f'A picture that you can not see. {file.why_not}'}"
        )
    return f"{head}\n{file.words or file.why_not}"


def _beginning(store: FileStore, sha256: str) -> str:
    """Empty where it is no text, or not there as it was brought."""
    path = store.path(sha256)
    try:
        with path.open("rb") as file:
            head = file.read(TEXT_CHARACTERS * 4)
    except OSError:
        return ""
    if not is_text(head):
        return ""
    text = head.decode("utf-8", "ignore")
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}\n(it goes on)"
