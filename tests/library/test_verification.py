from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from library.errors import BrokenRelease, KeyRefused, NotALibrary
from library.export import export_release
from library.releases import FoundRelease
from library.safe_files import object_path
from library.signing import PUBLIC_KEY_NAME, key_fingerprint, public_key_path, public_key_text
from library.verification import verify_received
from tests.library.made_store import made_folder, made_store, released


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> FoundRelease:
    place = tmp_path_factory.mktemp("made")
    return released(made_store(place / "store"), made_folder(place / "made"))


@pytest.fixture(scope="module")
def sent(made: FoundRelease, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_release(made, tmp_path_factory.mktemp("sent") / "out").path


@pytest.fixture
def received(sent: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sent, tmp_path / "received"))


def test_an_untouched_export_passes_and_says_who_signed(made: FoundRelease, received: Path) -> None:
    own = key_fingerprint(public_key_text(made.store.path))
    found = verify_received(str(received))
    assert (found.has_passed, found.problems, found.unlisted) == (True, (), ())
    assert (found.release, found.digest, found.key) == ("lab-1", made.digest, own)
    assert (found.is_expected_key, found.released_by, found.n_references) == (None, "Ann Librarian", 4)
    assert found.n_files == len(list(received.iterdir())) - 1
    for key in (own, own.upper(), str(public_key_path(made.store.path))):
        assert verify_received(str(received), key).is_expected_key is True


def is_refused(folder: Path) -> bool:
    try:
        verify_received(str(folder))
    except (BrokenRelease, KeyRefused):
        return True
    return False


def test_every_single_changed_byte_is_named(received: Path) -> None:
    for path in sorted(received.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        if path.name in ("release.signature.json", PUBLIC_KEY_NAME):
            # Damaged, what bears the signatures and the key is refused, or fits nothing.
            assert is_refused(received) or not verify_received(str(received)).has_passed
        else:
            assert [each.what for each in verify_received(str(received)).problems] == [path.name]
        path.write_bytes(whole)
    assert verify_received(str(received)).has_passed


def test_what_is_missing_or_was_added_is_named(received: Path) -> None:
    (received / "manifest.csv").unlink()
    (received / "spectra-extra.npz").write_bytes(b"x")
    found = verify_received(str(received))
    assert [(each.what, each.why) for each in found.problems] == [("manifest.csv", "it is missing")]
    assert found.unlisted == ("spectra-extra.npz",)
    (received / "manifest.csv").symlink_to("/etc/hostname")
    assert "it is a link" in verify_received(str(received)).problems[0].why


def test_a_list_that_was_changed_with_its_file_does_not_fit_the_signature(received: Path) -> None:
    import hashlib

    path = received / "release.signature.json"
    said = json.loads(path.read_bytes())
    (received / "library.toml").write_text('name = "another"\n', encoding="utf-8")
    said["files"]["library.toml"] = hashlib.sha256((received / "library.toml").read_bytes()).hexdigest()
    path.write_text(json.dumps(said), encoding="utf-8")
    (problem,) = verify_received(str(received)).problems
    assert (problem.what, "does not fit its list of files" in problem.why) == ("release.signature.json", True)
    said["files"] = {"../secret": "0" * 64}
    path.write_text(json.dumps(said), encoding="utf-8")
    assert "outside the folder" in verify_received(str(received)).problems[0].why


def test_an_export_signed_anew_by_somebody_else_fails_where_the_key_is_known(
    made: FoundRelease, received: Path, tmp_path: Path
) -> None:
    other = released(made_store(tmp_path / "other"), made_folder(tmp_path / "folder"))
    forged = export_release(other, tmp_path / "forged").path
    found = verify_received(str(forged), key_fingerprint(public_key_text(made.store.path)))
    assert (found.problems, found.is_expected_key, found.has_passed) == ((), False, False)
    shutil.copyfile(forged / PUBLIC_KEY_NAME, received / PUBLIC_KEY_NAME)
    named = {each.what for each in verify_received(str(received)).problems}
    assert named == {PUBLIC_KEY_NAME, "release.signature.json"}


def test_a_release_in_its_store_is_verified_object_by_object(made: FoundRelease, tmp_path: Path) -> None:
    store = Path(shutil.copytree(made.store.path, tmp_path / "store"))
    found = verify_received("lab-1", store=store)
    assert (found.has_passed, found.n_references, found.n_files > 3) == (True, 9, True)
    objects = [path for path in (store / "objects").rglob("*") if path.is_file() and path.name != made.digest[2:]]
    for path in objects[:2]:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b" ")
    assert len(verify_received("lab-1", store=store).problems) == 2
    event = next((store / "journal").glob("000002*"))
    event.chmod(0o644)
    event.write_bytes(event.read_bytes().replace(b"Ann", b"Eve", 1))
    assert "journal" in {each.what for each in verify_received("lab-1", store=store).problems}
    gone = object_path(store, made.digest)
    gone.chmod(0o644)
    gone.unlink()
    assert "lab-1" in {each.what for each in verify_received("lab-1", store=store).problems}


def test_what_bears_no_signature_is_refused(made: FoundRelease, received: Path, tmp_path: Path) -> None:
    with pytest.raises(NotALibrary, match="only what 'library export' has written is signed"):
        verify_received(str(tmp_path))
    with pytest.raises(NotALibrary, match="neither an exported folder nor a release"):
        verify_received("nobody-1", store=made.store.path)
    with pytest.raises(KeyRefused, match="no fingerprint of 16"):
        verify_received(str(received), "telephone")
    (received / "release.signature.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BrokenRelease, match="cannot be understood"):
        verify_received(str(received))
