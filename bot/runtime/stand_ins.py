"""Stand-ins for the packages that Rasa imports at module top level and Handrail does not use.

Rasa 3.6 imports TensorFlow, messenger SDKs, cloud SDKs and error trackers when it is loaded. `install()` puts an import
finder *last* in the search order, so a package that is really installed always wins. A stand-in can be subclassed, used
as a decorator and read for attributes while modules load; the moment it is *used* it raises `AbsentPackageError`.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE_OF_IMPORT = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "tensorflow_hub": "tensorflow-hub",
    "tensorflow_text": "tensorflow-text",
    "tensorflow_addons": "tensorflow-addons",
    "matplotlib": "matplotlib",
    "sentry_sdk": "sentry-sdk",
    "structlog_sentry": "structlog-sentry",
    "randomname": "randomname",
    "boto3": "boto3",
    "botocore": "botocore",
    "pymongo": "pymongo",
    "aio_pika": "aio-pika",
    "aiormq": "aiormq",
    "confluent_kafka": "confluent-kafka",
    "fbmessenger": "fbmessenger",
    "slack_sdk": "slack-sdk",
    "twilio": "twilio",
    "aiogram": "aiogram",
    "mattermostwrapper": "mattermostwrapper",
    "rocketchat_API": "rocketchat-API",
    "webexteamssdk": "webexteamssdk",
    "google": "google-auth",
    "psycopg2": "psycopg2-binary",
}


class AbsentPackageError(ImportError):
    """A part of Rasa that needs a package which is not installed was used."""

    def __init__(self, import_name: str) -> None:
        top = import_name.split(".")[0]
        package = PACKAGE_OF_IMPORT.get(import_name) or PACKAGE_OF_IMPORT.get(top, top)
        super().__init__(f"This needs the package '{package}', which Handrail leaves out. To add it: uv add {package}")
        self.package = package


class _AbsentMeta(type):
    """Lets modules read attributes of, subscript and combine a stand-in class while they load."""

    _import_name = "?"

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{cls._import_name}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if args and len(args) == 1 and not kwargs and (callable(args[0]) or isinstance(args[0], type)):
            return args[0]  # used as a bare decorator
        if getattr(cls, "_is_stand_in", False) and cls.__dict__.get("_is_stand_in"):
            return _Decorator(cls._import_name)
        raise AbsentPackageError(cls._import_name)

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __or__(cls, other: Any) -> Any:
        return cls

    def __ror__(cls, other: Any) -> Any:
        return cls

    def __iter__(cls) -> Any:
        raise AbsentPackageError(cls._import_name)


class _Decorator:
    """What calling a stand-in gives: it can decorate, and fails by name for any other use."""

    def __init__(self, import_name: str) -> None:
        self._import_name = import_name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        raise AbsentPackageError(self._import_name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AbsentPackageError(self._import_name)


def _absent(import_name: str) -> Any:
    """A class that stands for `import_name`, an attribute of an absent package."""
    return _AbsentMeta(
        import_name.rsplit(".", 1)[-1],
        (),
        {"_import_name": import_name, "_is_stand_in": True, "__module__": import_name.rsplit(".", 1)[0]},
    )


class _StandInModule(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "__version__":
            return "0"
        return _absent(f"{self.__name__}.{name}")


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds exactly the packages of `PACKAGE_OF_IMPORT` (and what is below them), when nothing else does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        for name in PACKAGE_OF_IMPORT:
            if fullname == name or fullname.startswith(name + "."):
                return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return None


def is_absent(import_name: str) -> bool:
    """True when `import_name` is one of the packages above and is not really installed."""
    spec = importlib.util.find_spec(import_name)
    return spec is not None and isinstance(spec.loader, StandInFinder)


def install() -> None:
    """Put the finder last on `sys.meta_path`; calling it again does nothing."""
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder())
