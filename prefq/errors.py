"""Errors a user can act on. Everything else is a bug and keeps its traceback."""


class PrefqError(Exception):
    """One clear sentence: what is wrong, where, and what to do. Ends the command with exit code 1."""

    exit_code = 1


class UsageError(PrefqError):
    """The command line itself is wrong: exit code 2."""

    exit_code = 2


class SettingsError(PrefqError):
    """A key or a value in the settings is wrong."""


class SourceError(PrefqError):
    """A source file cannot be read as it should."""


class FormatError(PrefqError):
    """A source's format is unknown, ambiguous, or not the one asked for."""


class MissingTableError(PrefqError):
    """A stage needs a table that is not there; the message names the stage that makes it."""


class LockedError(PrefqError):
    """Another process works in the same directory."""


class EncoderError(PrefqError):
    """An encoder cannot be loaded, or is not the one it claims to be."""


class TokenizerError(PrefqError):
    """A tokenizer cannot be found or read."""


class JudgeError(PrefqError):
    """A judge cannot be loaded, or has nothing to say of these pairs."""


class GateError(PrefqError):
    """A gate said no: exit code 3."""

    exit_code = 3
