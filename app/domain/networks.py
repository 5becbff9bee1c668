"""Where a client sits, more or less coarsely."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network

_OF_A_CUSTOMER = {4: 24, 6: 48}  # what one customer of a provider usually has
_OF_A_PLACE = {4: 32, 6: 64}  # within it each IPv6 device chooses addresses as it likes


def network_of(address: str) -> str:
    """The network that an address belongs to, such as `203.0.113.0/24`; what is no address stands for itself."""
    return _network(address, _OF_A_CUSTOMER)


def place_of(address: str) -> str:
    """The least network whose addresses are of one hand: an address of IPv4 alone, a /64 of IPv6."""
    return _network(address, _OF_A_PLACE)


def _network(address: str, prefix: Mapping[int, int]) -> str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, prefix[found.version]), strict=False))
