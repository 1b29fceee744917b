"""`python -m tests.config.driver <name>:<behaviour>:<phase>:<grace> ...`: a supervisor over dummies, for tests."""

from __future__ import annotations

import os
import sys

from config.supervisor.processes import Child, Program, Supervisor
from tests.config.dummy import tell


def main(specifications: list[str], deadline: float) -> int:
    children = []
    for specification in specifications:
        name, behaviour, phase, grace = specification.split(":")
        program = Program(name, "tests.config.dummy", (name, behaviour), stop_phase=int(phase), grace=float(grace))
        children.append(Child(program, dict(os.environ), None))
    supervisor = Supervisor(children, tell)
    supervisor.listen()
    try:
        problem = supervisor.start(deadline)
        if problem:
            tell(f"problem: {problem}")
            return 1
        tell("all ready")
        supervisor.run()
        supervisor.stop()
        tell("all stopped")
    finally:
        supervisor.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], float(sys.argv[1])))
