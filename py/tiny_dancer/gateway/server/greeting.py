"""What `serve` prints once it listens."""

import ipaddress
import socket

from ..config.settings import GatewayConfig


def format_address(listener: socket.socket, host: str) -> str:
    """The URL of a listening socket; a numeric IPv6 address stands in brackets."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def describe(config: GatewayConfig, address: str) -> str:
    """Address, upstreams and mode, a line each; no key."""
    lines = [f"tiny-dancer serves {address}/v1"]
    for one in config.upstreams:
        role = one.serves or (one.kind if one.kind != "chat" else "by its name")
        lines.append(f"  {role}: {one.name} ({one.model} at {one.base_url})")
    policy = config.policy
    if policy.file is not None:
        mode = f"the certified policy of {policy.file}"
    elif policy.quality is not None:
        mode = f"quality {policy.quality:g} by the bundle's own rows"
    elif policy.confidence_threshold is not None or policy.max_uncertainty is not None:
        mode = "the classic gate"
    else:
        mode = "the stored policy, else the bundle's"
    lines.append(f"  auto: {mode}{', sticky' if policy.sticky else ''}")
    keys = ", ".join(key.name for key in config.keys) or "nobody"
    lines.append(f"  keys: {'none is asked for' if config.anonymous else keys}")
    lines.append(f"  history: {config.storage or 'in memory, lost at the end'}")
    return "\n".join(lines)


def find_warning(config: GatewayConfig, host: str) -> str | None:
    """What to say where anybody who reaches this machine may spend the upstreams' money."""
    if not config.anonymous or is_loopback(host):
        return None
    return (
        f"warning: {host} is reached from other machines, and no key is asked for: whoever comes "
        "may use the upstreams and read the totals. Set keys, or listen on 127.0.0.1."
    )


def find_idle_shadow(config: GatewayConfig) -> str | None:
    """What to say where the shadow is on and may spend nothing."""
    if not config.shadow.share or config.shadow.money_a_day != 0:
        return None
    return (
        "warning: shadow.money_a_day = 0 lets the shadow compare nothing: give it money, leave the "
        "bound out, or set shadow.share = 0."
    )


def is_loopback(host: str) -> bool:
    """True for an address or name that leads to this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
