r"""Students join courses with few places: one rule over two things, decided by conditional appends.

An application of the library ``eventsourcing`` and nothing of a ledger's. It runs on one file, or
on Kafka from as many processes as you like:

    PERSISTENCE_MODULE=ledger.log.persistence CHAIN_FILE=a.db \
        CHAIN_LOG=kafka://localhost:9092/courses python examples/course_enrolment/enrolment.py ann
"""

from __future__ import annotations

import json
import sys

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.application import DCBApplication
from eventsourcing.persistence import IntegrityError

PLACES = 3
MOST_COURSES = 2
JOINED = "StudentJoinedCourse"


class Enrolment(DCBApplication):
    """Who has a place in which course."""

    env = {"PERSISTENCE_MODULE": "ledger.log.persistence"}  # noqa: RUF012  the library's own way

    def join(self, student: str, course: str) -> str:
        """Give the student a place, if the course has one left and the student may take more.

        What it read is its boundary: when somebody was quicker, it reads again.
        """
        boundary = DCBQuery(
            items=[
                DCBQueryItem(types=[JOINED], tags=[f"course:{course}"]),
                DCBQueryItem(types=[JOINED], tags=[f"student:{student}"]),
            ]
        )
        while True:
            read = self.recorder.read(boundary)
            joined = [tuple(json.loads(found.event.data)) for found in read]
            if (student, course) in joined:
                return "is there already"
            if sum(taken == course for _, taken in joined) >= PLACES:
                return "no place left"
            if sum(who == student for who, _ in joined) >= MOST_COURSES:
                return "has enough courses"
            tags = [f"course:{course}", f"student:{student}"]
            event = DCBEvent(type=JOINED, data=json.dumps([student, course]).encode(), tags=tags)
            try:
                self.recorder.append([event], DCBAppendCondition(boundary, after=read.head))
            except IntegrityError:
                continue
            return "joined"

    def places(self, course: str) -> list[str]:
        """The students of a course, in the order in which they joined."""
        query = DCBQuery(items=[DCBQueryItem(types=[JOINED], tags=[f"course:{course}"])])
        return [json.loads(found.event.data)[0] for found in self.recorder.read(query)]


def main(students: list[str]) -> None:
    """Let every student named try to join three courses, and say what came of it."""
    with Enrolment() as enrolment:
        for student in students:
            for course in ("history", "latin", "music"):
                print(f"{student} {course}: {enrolment.join(student, course)}")


if __name__ == "__main__":
    main(sys.argv[1:])
