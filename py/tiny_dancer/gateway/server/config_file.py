"""The files of a gateway on CPython: its config and its bundle."""

import os
from collections.abc import Callable
from pathlib import Path

from ...errors import InvalidInputError
from ...files import input as files
from ...files.input import name_of, read_text
from ...hosts.package_data import default_bundle, default_bundle_hash
from ...loaded_bundle import Reloaded
from ...model import read_bundle
from ...model.spec import MAX_FILE_BYTES
from ...router import Router
from ..config.error import ConfigError
from ..config.reader import parse_json, parse_toml
from ..config.settings import GatewayConfig
from ..config.upstream_reader import Secret
from ..routing.fit import fit_config


def read_file(path: Path, secret: Secret = os.environ.get) -> GatewayConfig:
    """The settings of a file, TOML or (by its ending) JSON.

    Args:
        path: of the file.
        secret: gives a secret by its name; from the environment where left out.

    Raises:
        ConfigError: it cannot be read or is malformed; names the file.
    """
    try:
        text = read_text(path)
    except InvalidInputError as error:
        raise ConfigError(str(error)) from None
    parse = parse_json if path.suffix.lower() == ".json" else parse_toml
    try:
        return parse(text, secret, read_text)
    except ConfigError as error:
        raise ConfigError(f"{name_of(path)}: {error}") from None


def check_config(config: GatewayConfig, path: Path) -> None:
    """See that the bundle is there and the upstreams fit it, before anything is started.

    Args:
        config: what the file says.
        path: of the file, for errors.

    Raises:
        BundleError: it is not valid.
        ConfigError: a model of it has no upstream; names the file.
    """
    source = config.policy.bundle or default_bundle()
    bundle = read_bundle(source) if source is not None else None
    try:
        fit_config(config, bundle)
    except ConfigError as error:
        raise ConfigError(f"{name_of(path)}: {error}") from None


def prepare_bundle(router: Router, config: GatewayConfig) -> Callable[[], Reloaded] | None:
    """What puts the bundle's file into service anew, if bundle and config fit each other.

    None where the config names no file and the shipped bundle is the one in service, or none is
    shipped.

    Raises:
        BundleError: it is not valid.
        InvalidInputError: it does not fit the config or the candidates.
        PolicyError: it cannot estimate the quality that the config asks for.
    """
    source, loaded = config.policy.bundle, router.bundle
    if source is not None:
        data = files.read_file(source, MAX_FILE_BYTES + 1)
    elif loaded is not None and loaded.bundle_hash == default_bundle_hash():
        fit_config(config, loaded)
        return None
    elif (shipped := default_bundle()) is not None:
        data = shipped
    else:
        fit_config(config, loaded)
        return None
    fit_config(config, read_bundle(data))
    return router.prepare_model(data)
