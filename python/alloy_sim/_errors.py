"""How a call can fail. A goal that fails is an answer and no error."""

from __future__ import annotations

from typing import Optional


class AlloySimError(Exception):
    """The program ended without results. The message is what the program said."""

    def __init__(self, message: str, exit_code: Optional[int] = None) -> None:
        super().__init__(message, exit_code)
        self.message = message
        #: The exit code of the program, as `alloy-sim run --help` lists them.
        self.exit_code = exit_code

    def __str__(self) -> str:
        return self.message


class MachineError(AlloySimError):
    """A file, a disk or the machine failed."""


class ArgumentError(AlloySimError):
    """The program does not take an argument."""


class ScenarioError(AlloySimError):
    """The scenario is wrong. Nothing was simulated."""


class BlocksError(AlloySimError):
    """Blocks of a sweep are missing, double, or belong to another study."""


class VersionError(AlloySimError):
    """The program, the package and the workers do not have one version."""


class ScenarioWarning(UserWarning):
    """What the program warns of in a scenario that it accepts."""


_KINDS = {1: MachineError, 2: ArgumentError, 3: ScenarioError, 6: BlocksError}


def of_exit(code: int, message: str) -> AlloySimError:
    """The error for an exit code that stands for no answer."""
    text = message.strip() or f"alloy-sim ended with code {code} and said nothing"
    return _KINDS.get(code, AlloySimError)(text, code)
