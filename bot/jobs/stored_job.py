"""A job as text and back, for an engine that stores it."""

from __future__ import annotations

import hashlib

from bot.deliver import Destination
from bot.jobs.port import Job
from bot.plain import adapter_of
from bot.request import Request

_JOB = adapter_of(Job, Destination, Request)


def pack_job(job: Job) -> str:
    """Return a job as JSON."""
    return _JOB.dump_json(job).decode()


def unpack_job(text: str) -> Job:
    """Return the job that was packed.

    Raises:
        ValueError: A version of relaycheck wrote it that this one cannot read.
    """
    return _JOB.validate_json(text)


def id_of(key: str) -> str:
    """Return the id of the run that does the job with a key: the same for the same key.

    So an act of asking that is delivered twice finds its run by id alone. Of 48 bits, since people
    read it, and ninety days of a busy workspace hardly make two the same.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12].upper()


def question_of(job: Job) -> str:
    """Return what a job asks for and where its answer is seen, as text to compare."""
    place = job.destination
    seen_by = place.user if job.request.private else ""
    return repr((place.team, place.channel, place.thread_ts, seen_by, job.request))
