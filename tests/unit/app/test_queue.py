import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import web

from bilanz.app.queue import Kind, Queue, Work, enqueue
from bilanz.errors import Refused
from bilanz.job import Job, JobState
from bilanz.registry import jobs
from bilanz.registry.engine import Registry, open_registry


@contextmanager
def queue(folder: Path, kinds: Mapping[str, Kind]) -> Iterator[tuple[Registry, Callable[[str], Job]]]:
    """Run a queue with these kinds; lend the registry, and what asks for a job and waits until it is over."""
    settings = web.settings_of(folder)
    registry = open_registry(settings.registry)
    running = Queue(settings, registry, kinds)
    running.start()

    def ask(kind: str) -> Job:
        made = enqueue(registry, settings, kind, organisation="city")
        running.wake()
        return over(registry, made.id)

    try:
        yield registry, ask
    finally:
        running.stop()
        registry.close()


def over(registry: Registry, identifier: str) -> Job:
    """Return a job once it is over."""
    for _ in range(600):
        found = jobs.job(registry, identifier)
        if JobState(found.state).is_over:
            return found
        time.sleep(0.05)
    raise AssertionError(found.state)


def test_a_job_is_done_for_who_asked_and_gives_its_result(tmp_path: Path) -> None:
    def work(given: Work) -> dict[str, Any]:
        given.progress(0.5)
        return {"by": given.settings.user, "language": given.settings.lang}

    with queue(tmp_path, {"work": work}) as (_, ask):
        job = ask("work")
    assert (job.state, job.progress, job.error) == ("done", 1.0, None)
    assert job.result == {"by": job.by, "language": "en"}


def test_what_cannot_be_done_is_said_with_its_parameters(tmp_path: Path) -> None:
    def work(_given: Work) -> None:
        raise Refused("{year} is closed.", year=2024)

    with queue(tmp_path, {"work": work}) as (_, ask):
        job = ask("work")
    assert (job.state, job.result) == ("failed", None)
    assert job.error == {"code": "refused", "message": "{year} is closed.", "parameters": {"year": 2024}}


def test_a_defect_ends_its_job_and_not_the_queue(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def work(_given: Work) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR), queue(tmp_path, {"bad": work, "good": lambda _: None}) as (_, ask):
        bad, good = ask("bad"), ask("good")
    assert (bad.state, good.state) == ("failed", "done")
    assert bad.error is not None
    assert bad.error["code"] == "defect"
    assert bad.error["parameters"] == {"job": bad.id}
    assert "ZeroDivisionError" in caplog.text


def test_a_result_that_cannot_be_kept_is_a_defect(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), queue(tmp_path, {"odd": lambda _: {"what": object()}}) as (_, ask):
        assert ask("odd").state == "failed"


def endless(started: threading.Event) -> Kind:
    def work(given: Work) -> None:
        started.set()
        while True:
            given.progress(0.1)
            time.sleep(0.02)

    return work


def test_a_running_job_ends_at_its_next_step_when_it_is_cancelled(tmp_path: Path) -> None:
    started = threading.Event()
    with queue(tmp_path, {"endless": endless(started)}) as (registry, _):
        made = enqueue(registry, web.settings_of(tmp_path), "endless", organisation="city")
        assert started.wait(20)
        jobs.ask_cancel(registry, made.id)
        assert over(registry, made.id).state == "cancelled"


def test_a_job_that_waits_is_cancelled_at_once(tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path)
    registry = open_registry(settings.registry)
    made = enqueue(registry, settings, "never", organisation="city")
    jobs.ask_cancel(registry, made.id)
    assert jobs.job(registry, made.id).state == "cancelled"
    assert jobs.take(registry) is None
    registry.close()


def test_a_job_a_process_left_is_done_by_the_next_one(tmp_path: Path) -> None:
    started = threading.Event()
    settings = web.settings_of(tmp_path)
    with queue(tmp_path, {"work": endless(started)}) as (registry, _):
        made = enqueue(registry, settings, "work", organisation="city")
        assert started.wait(20)
    registry = open_registry(settings.registry)
    assert jobs.job(registry, made.id).state == "queued"  # it was told to end and gave the job back
    assert jobs.take(registry) is not None  # and as a killed process leaves it: running
    registry.close()
    with queue(tmp_path, {"work": lambda _: {"done": True}}) as (registry, _):
        assert over(registry, made.id).result == {"done": True}
