"""Where a client sits, coarsely."""

from ipaddress import IPv6Address, ip_address, ip_network

_PREFIX = {4: 24, 6: 48}  # what one customer of a provider usually has


def network_of(address: str) -> str:
    """The network that an address belongs to, such as `203.0.113.0/24`; what is no address stands for itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, _PREFIX[found.version]), strict=False))
