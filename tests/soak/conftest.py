from hosts.conftest import node, report, wheel

__all__ = ["node", "report", "wheel"]
