from io import BytesIO
from pathlib import Path

import pytest
import web

from bilanz.app.upload.uploads import folder, receive
from bilanz.errors import StoreBusy
from bilanz.registry.engine import open_registry
from bilanz.registry.jobs import put_upload, upload

FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_every_answer_states_what_a_browser_may_load(site: web.Site) -> None:
    for path in ("/login", "/nothing-here", "/healthz", "/static/own/web.css", "/static/plotly.js"):
        answer = site.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert ("no-store" in answer.headers["cache-control"]) is not path.startswith("/static/")


def test_what_is_too_large_is_refused_before_it_is_read(site: web.Site) -> None:
    stated = site.client.post("/login", content=b"", headers={"content-length": str(10**9)})
    assert stated.status_code == 413
    grown = site.client.post("/login", content=iter([b"x" * 1024**2] * 4), headers=FORM)
    assert grown.status_code == 413


def test_evidence_may_be_larger_than_a_form_and_smaller_than_an_import(site: web.Site) -> None:
    def stated(path: str, size: int) -> int:
        return site.client.post(path, content=b"", headers={"content-length": str(size)}).status_code

    paths = ("/uploads", "/api/v1/uploads", "/master/terms/uploads", "/master/terms/new")
    assert [stated(path, 10**9) == 413 for path in paths] == [False, False, True, True]
    assert [stated(path, 10**7) == 413 for path in paths] == [False, False, False, True]


def test_whether_it_lives_and_works(site: web.Site) -> None:
    assert site.client.get("/healthz").json() == {"status": "ok"}
    assert site.client.get("/readyz").json() == {"status": "ok"}
    told = site.client.get("/metrics").text
    assert 'bilanz_request_seconds_count{method="GET",route="/healthz",status="200"}' in told
    assert 'bilanz_jobs{state="queued"} 0.0' in told


def test_counters_name_routes_and_no_objects(site: web.Site) -> None:
    olga = site.as_("olga")
    olga.client.get("/uploads/0123456789abcdef")
    olga.client.get("/nothing/secret-name")
    told = site.client.get("/metrics").text
    assert 'route="/uploads/{upload}",status="404"' in told
    assert "0123456789abcdef" not in told
    assert "secret-name" not in told
    assert "olga" not in told


def test_a_second_server_over_the_same_data_does_not_start(site: web.Site) -> None:
    with pytest.raises(StoreBusy, match="Another server"), web.served(site.settings):
        pass
    assert site.client.get("/readyz").json() == {"status": "ok"}


def test_a_file_nobody_took_over_is_deleted_after_its_time(tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path)
    web.populate(settings)
    registry = open_registry(settings.registry)
    made = [receive(settings, registry, BytesIO(b"x;y\n"), organisation="works", name="a.csv") for _ in "ab"]
    made[0].at = "2020-01-01T00:00:00+00:00"
    put_upload(registry, made[0])
    with web.served(settings):
        states = [upload(registry, one.id).state for one in made]
    assert states == ["discarded", "received"]
    assert [folder(settings, one).exists() for one in made] == [False, True]
    registry.close()
