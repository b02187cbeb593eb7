import web

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


def test_whether_it_lives_and_works(site: web.Site) -> None:
    assert site.client.get("/healthz").json() == {"status": "ok"}
    assert site.client.get("/readyz").json() == {"status": "ok"}
    assert "python_info" in site.client.get("/metrics").text
