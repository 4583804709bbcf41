"""Pictures in words, and short questions, as curl asks for them."""

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agent_api.vision.shrink import shrink
from tests.integration.agent_runs.conftest import Caller
from tests.support.agent_jobs import agent_settings

RED = "A red square on white."


def png(width: int, height: int, color: Any = "white", **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, saved.pop("format", "PNG"), **saved)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30,000 by 30,000."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    made = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def seen_by_models(caller: Caller) -> int:
    """How many pictures models were shown, by the gateway's book."""
    return caller.hub.rows("SELECT count(*) FROM model_calls WHERE path = 'api/chat'")[0][0]


def describe(caller: Caller, **body: Any) -> Any:
    return caller.http.post("/api/vision/describe", json=body)


def test_a_picture_is_made_small_described_once_and_kept(caller: Caller) -> None:
    folder = caller.workspace("pictures")
    (folder / "big.png").write_bytes(png(3000, 1500, "red"))
    first = describe(caller, workspace="pictures", path="big.png").json()
    told = {key: first[key] for key in ("success", "description", "width", "height", "cached", "model")}
    assert told == {
        "success": True, "description": RED, "width": 3000, "height": 1500, "cached": False, "model": "scripted/agent",
    }  # fmt: skip
    asked = seen_by_models(caller)
    sent = base64.b64encode((folder / "big.png").read_bytes()).decode()
    again = describe(caller, image=sent).json()  # the same bytes, another way
    assert again == first | {"cached": True} and seen_by_models(caller) == asked == 1
    other = describe(caller, image=sent, model="scripted/other")  # kept by model: this one is asked, and not there
    assert (other.status_code, other.json()["reason"]) == (502, "model_missing"), other.text


async def test_what_a_model_gets_is_no_larger_than_its_edge(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # lies on its side
    for content, size in ((png(3000, 1500), (1024, 512)), (png(900, 300, format="JPEG", exif=turned), (300, 900))):
        small = await shrink(content, "a", agent_settings(tmp_path))
        assert Image.open(io.BytesIO(small.jpeg)).size == size


def test_a_text_gets_its_pictures_in_words(caller: Caller) -> None:
    folder = caller.workspace("texts", {"notes.png": "no picture"})
    (folder / "a b.png").write_bytes(png(10, 10, "blue"))
    text = "See ![it](a%20b.png), `notes.png`, <img src='http://x.test/y.gif'> and gone.jpg, not ../../secret.png."
    done = caller.http.post("/api/vision/enrich", json={"workspace": "texts", "text": text}).json()
    assert done["text"].startswith(text) and f"- a b.png (10 x 10): {RED}" in done["text"]
    left_out = {image["path"]: image["left_out"] for image in done["images"] if image["left_out"]}
    assert set(left_out) == {"notes.png", "http://x.test/y.gif", "gone.jpg", "../../secret.png"}
    assert (
        "no picture of a known kind" in left_out["notes.png"] and "another machine" in left_out["http://x.test/y.gif"]
    )
    plain = caller.http.post("/api/vision/enrich", json={"workspace": "texts", "text": text, "include_images": False})
    assert plain.json()["text"] == text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no picture", "no picture of a known kind"),
        (b"", "no picture of a known kind"),
        (png(800, 800)[:300], "damaged"),
        (bomb(), "more than 50000000 pixels"),
        (png(4, 4, format="GIF", save_all=True, append_images=[Image.new("RGB", (4, 4))]), "2 frames"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture of a known kind"),
    ],
    ids=["text", "empty", "cut", "bomb", "animated", "vector"],
)
def test_what_is_no_picture_is_refused_in_a_sentence(caller: Caller, content: bytes, says: str) -> None:
    folder = caller.hub.settings.workspaces / "refused"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file.png").write_bytes(content)
    refused = describe(caller, workspace="refused", path="file.png")
    assert (refused.status_code, refused.json()["code"]) == (400, "image_refused"), refused.text
    assert says in refused.json()["detail"] and refused.json()["way_out"]


def test_only_listed_models_see_and_only_the_workspace_is_seen(caller: Caller, tmp_path: Path) -> None:
    folder = caller.workspace("limits")
    (tmp_path / "outside.png").write_bytes(png(4, 4))
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "a.png").write_bytes(png(4, 4))
    refused = describe(caller, workspace="limits", path="a.png", model="ollama/qwen2.5-coder:1.5b").json()
    assert refused["code"] == "vision_model_refused" and "scripted/agent" in refused["way_out"]
    assert caller.http.get("/api/config").json()["vision_models"] == ["scripted/agent", "scripted/other"]
    for path in ("link.png", "../limits/../../.env", str(tmp_path / "outside.png")):
        assert describe(caller, workspace="limits", path=path).json()["code"] == "outside_workspace"
    assert describe(caller, workspace="limits").status_code == 422
    assert describe(caller, image="%%%").json()["code"] == "image_refused"


def test_a_short_question(caller: Caller) -> None:
    ask = {"prompt": "CAPITAL-OF-FRANCE?", "model": "scripted/agent"}
    answer = caller.http.post("/api/complete", json=ask).json()
    assert answer["success"] and answer["text"] == "Paris." and answer["tokens_out"] > 0
    schema = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
    number = {"prompt": "A-NUMBER-PLEASE", "model": "scripted/agent", "output_schema": schema}
    assert caller.http.post("/api/complete", json=number).json()["answer"] == {"number": 7}
    refused = caller.http.post("/api/complete", json=ask | {"output_schema": schema})
    assert (refused.status_code, refused.json()["reason"]) == (502, "model_nonsense")
    assert "Paris" in refused.json()["detail"]
    slow = caller.http.post("/api/complete", json={"prompt": "DRIP-FOR-EVER", "timeout": 0.5} | {"model": ask["model"]})
    assert slow.json()["reason"] == "time_limit"
    assert caller.http.post("/api/complete", json=ask | {"output_schema": {"type": 3}}).json()["code"] == "bad_schema"


def test_the_vision_executor_describes_for_a_job(caller: Caller) -> None:
    folder = caller.workspace("job")
    (folder / "a.png").write_bytes(png(6, 4, "green"))
    settings = caller.hub.settings
    token = settings.environment["WFHUB_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"name": "look", "model": "scripted/agent"}
    call = caller.http.post(f"{settings.main_api_url}/direct-calls", json=body, headers=headers).json()
    spec = {
        "run_id": "look-1", "step": "look", "worktree": str(folder),
        "settings": {"executor": "vision", "images": ["a.png"]},
        "model": call["model"] | {"gateway_url": f"{settings.main_api_url}/gateway"},
    }  # fmt: skip
    caller.http.put("/jobs/look-1/look", json=spec).raise_for_status()
    events = caller.http.get("/jobs/look-1/look/events").text
    result = caller.http.get("/jobs/look-1/look").json()["result"]
    assert result["answer"]["images"][0]["description"] == RED, events
    assert result["answer"]["images"][0]["width"] == 6
